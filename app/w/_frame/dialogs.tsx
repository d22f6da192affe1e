'use client'

import { type ComponentType, lazy, Suspense } from 'react'
import { useStore } from '@/lib/store'
import { closeDialog, type DialogRequest, dialogRequest } from './open-dialog'

type Loaded = ComponentType<{ request: never; onClose(): void }>

/** Each dialog is its own piece of code, loaded when it is first asked for. */
const dialogs: Record<DialogRequest['name'], Loaded> = {
  switcher: lazy(() => import('../_dialogs/quick-switcher')),
  shortcuts: lazy(() => import('../_dialogs/shortcut-list')),
  'create-channel': lazy(() => import('../_dialogs/create-channel')),
  'new-message': lazy(() => import('../_dialogs/new-message')),
  status: lazy(() => import('../_dialogs/set-status')),
  invite: lazy(() => import('../_dialogs/invite-people')),
  'add-people': lazy(() => import('../_dialogs/add-people')),
  'edit-channel': lazy(() => import('../_dialogs/edit-channel')),
}

export function Dialogs() {
  const request = useStore(dialogRequest, (current) => current)
  if (!request) return null
  const Dialog = dialogs[request.name]
  return (
    <Suspense fallback={null}>
      <Dialog request={request as never} onClose={closeDialog} />
    </Suspense>
  )
}
