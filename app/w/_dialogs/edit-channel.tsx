'use client'

import { useTranslations } from 'use-intl'
import { EditChannelForm } from '@/features/channels/edit-channel-form'
import { applyChannel, useChannel } from '@/features/channels/store'
import { isAdmin } from '@/features/workspaces/schema'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { Dialog } from '@/ui/dialog'
import type { DialogRequest } from '../_frame/open-dialog'
import { useMeId } from '../_frame/use-me-id'

type Props = { request: Extract<DialogRequest, { name: 'edit-channel' }>; onClose(): void }

export default function EditChannel({ request, onClose }: Props) {
  const t = useTranslations('channels')
  const channel = useChannel(request.channelId)
  const workspace = useCurrentWorkspace()
  const meId = useMeId()
  if (!channel) return null
  return (
    <Dialog title={t('editTitle')} onClose={onClose}>
      <EditChannelForm
        channel={channel}
        mayRename={isAdmin(workspace?.role) || channel.created_by === meId}
        onCancel={onClose}
        onSaved={(row) => {
          applyChannel(row)
          onClose()
        }}
      />
    </Dialog>
  )
}
