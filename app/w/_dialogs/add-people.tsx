'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { addMembers } from '@/features/channels/mutations'
import { applyChannel, useChannel } from '@/features/channels/store'
import { PeoplePicker } from '@/features/profiles/people-picker'
import type { Person } from '@/features/profiles/schema'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { showToast } from '@/ui/toast'
import type { DialogRequest } from '../_frame/open-dialog'
import { PresenceDot } from '../_frame/presence-dot'

type Props = { request: Extract<DialogRequest, { name: 'add-people' }>; onClose(): void }

export default function AddPeople({ request, onClose }: Props) {
  const t = useTranslations('channels')
  const errorText = useErrorText()
  const channel = useChannel(request.channelId)
  const [chosen, setChosen] = useState<Person[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  if (!channel) return null

  const add = async () => {
    if (chosen.length === 0) return
    setBusy(true)
    setError(null)
    try {
      const ids = chosen.map((person) => person.id)
      applyChannel(await addMembers(await getSupabase(), channel.id, ids))
      showToast(t('added', { count: ids.length, channel: channel.name ?? '' }))
      onClose()
    } catch (reason) {
      setError(reason)
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={t('addPeopleTo', { channel: channel.name ?? '' })}
      description={channel.kind === 'private' ? t('addPrivateText') : t('addText')}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <PeoplePicker
          workspaceId={channel.workspace_id}
          label={t('findPeople')}
          chosen={chosen}
          onChange={setChosen}
          max={50}
          renderBadge={(person) => <PresenceDot userId={person.id} ring="ring-float" />}
        />
        {error !== null && <ErrorNotice>{errorText(error)}</ErrorNotice>}
        <DialogActions>
          <Button type="submit" variant="primary" busy={busy} disabled={chosen.length === 0}>
            {t('addPeople')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
