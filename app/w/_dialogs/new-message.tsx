'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { PeoplePicker } from '@/features/profiles/people-picker'
import type { Person } from '@/features/profiles/schema'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { openDirectWith } from '../_frame/open-channel'
import { PresenceDot } from '../_frame/presence-dot'
import { useMeId } from '../_frame/use-me-id'

/** With me, twenty people are in a group conversation at most. */
const OTHERS_MAX = 19

export default function NewMessage({ onClose }: { onClose(): void }) {
  const t = useTranslations('channels')
  const errorText = useErrorText()
  const workspace = useCurrentWorkspace()
  const meId = useMeId()
  const [chosen, setChosen] = useState<Person[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  if (!workspace) return null

  const open = async () => {
    if (chosen.length === 0) return
    setBusy(true)
    setError(null)
    try {
      await openDirectWith(chosen.map((person) => person.id))
      onClose()
    } catch (reason) {
      setError(reason)
      setBusy(false)
    }
  }
  return (
    <Dialog title={t('newMessage')} description={t('newMessageText')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void open()
        }}
      >
        <PeoplePicker
          workspaceId={workspace.id}
          label={t('findPeople')}
          chosen={chosen}
          onChange={setChosen}
          max={OTHERS_MAX}
          without={(person) => person.id === meId}
          renderBadge={(person) => <PresenceDot userId={person.id} ring="ring-float" />}
        />
        {error !== null && <ErrorNotice>{errorText(error)}</ErrorNotice>}
        <DialogActions>
          <Button type="submit" variant="primary" busy={busy} disabled={chosen.length === 0}>
            {t('openConversation')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
