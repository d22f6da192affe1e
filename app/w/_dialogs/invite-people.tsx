'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { CreatedLink } from '@/features/invitations/created-link'
import { InviteForm } from '@/features/invitations/invite-form'
import type { NewInvitation } from '@/features/invitations/schema'
import { invitationMade } from '@/features/invitations/store'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { Dialog } from '@/ui/dialog'

export default function InvitePeople({ onClose }: { onClose(): void }) {
  const t = useTranslations('invitations')
  const workspace = useCurrentWorkspace()
  const [made, setMade] = useState<NewInvitation | null>(null)
  if (!workspace) return null
  return (
    <Dialog title={t('inviteTitle', { workspace: workspace.name })} onClose={onClose}>
      {made ? (
        <CreatedLink invitation={made} onAnother={() => setMade(null)} onDone={onClose} />
      ) : (
        <InviteForm
          workspaceId={workspace.id}
          mayInviteAdmins={workspace.role === 'owner'}
          onCreated={(invitation) => {
            setMade(invitation)
            invitationMade()
          }}
        />
      )}
    </Dialog>
  )
}
