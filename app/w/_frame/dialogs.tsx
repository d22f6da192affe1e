'use client'

import { type ComponentType, Suspense } from 'react'
import { lazyPart } from '@/lib/lazy-part'
import { useStore } from '@/lib/store'
import { closeDialog, type DialogRequest, dialogRequest } from './open-dialog'

type Loaded = ComponentType<{ request: never; onClose(): void }>

/** Each dialog is its own piece of code, loaded when it is first asked for. */
const dialogs: Record<DialogRequest['name'], Loaded> = {
  switcher: lazyPart(() => import('../_dialogs/quick-switcher')),
  shortcuts: lazyPart(() => import('../_dialogs/shortcut-list')),
  'create-channel': lazyPart(() => import('../_dialogs/create-channel')),
  'new-message': lazyPart(() => import('../_dialogs/new-message')),
  status: lazyPart(() => import('../_dialogs/set-status')),
  invite: lazyPart(() => import('../_dialogs/invite-people')),
  'add-people': lazyPart(() => import('../_dialogs/add-people')),
  'edit-channel': lazyPart(() => import('../_dialogs/edit-channel')),
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
