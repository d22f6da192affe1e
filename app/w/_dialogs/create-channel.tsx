'use client'

import { useTranslations } from 'use-intl'
import { CreateChannelForm } from '@/features/channels/create-channel-form'
import { applyChannel } from '@/features/channels/store'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { Dialog } from '@/ui/dialog'
import { channelPath, navigate } from '../_frame/location'
import type { DialogRequest } from '../_frame/open-dialog'

type Props = { request: Extract<DialogRequest, { name: 'create-channel' }>; onClose(): void }

export default function CreateChannel({ request, onClose }: Props) {
  const t = useTranslations('channels')
  const workspace = useCurrentWorkspace()
  if (!workspace) return null
  return (
    <Dialog title={t('createTitle')} description={t('createText')} onClose={onClose}>
      <CreateChannelForm
        workspaceId={workspace.id}
        name={request.channelName}
        onCancel={onClose}
        onCreated={(channel) => {
          applyChannel(channel)
          onClose()
          navigate(channelPath(workspace.slug, channel.id))
        }}
      />
    </Dialog>
  )
}
