'use client'

import { Link2, Mail, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { revokeInvitation } from '@/features/invitations/mutations'
import { listInvitations } from '@/features/invitations/queries'
import { type Invitation, invitationState } from '@/features/invitations/schema'
import { useInvitationsMade } from '@/features/invitations/store'
import { ensureProfiles, people } from '@/features/profiles/store'
import type { Workspace } from '@/features/workspaces/schema'
import { useErrorText } from '@/lib/error-text'
import { useStore } from '@/lib/store'
import { getSupabase } from '@/lib/supabase/client'
import { usePages } from '@/lib/use-pages'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { EmptyState } from '@/ui/empty-state'
import { openDialog } from '../_frame/open-dialog'
import { ListFailed } from './list-failed'
import { ListSkeleton } from './list-skeleton'

/** More than this is never shown; old invitations are not worth pages. */
const SHOWN = 100

function Row({ invitation, onRevoke }: { invitation: Invitation; onRevoke(): void }) {
  const t = useTranslations('invitations')
  const format = useFormatter()
  const inviter = useStore(people, (state) =>
    invitation.created_by ? state.byId[invitation.created_by]?.display_name : undefined,
  )
  const state = invitationState(invitation, Date.now())
  const Icon = invitation.email ? Mail : Link2
  const uses = invitation.max_uses
    ? t('usedOf', { uses: invitation.uses, max: invitation.max_uses })
    : t('used', { uses: invitation.uses })
  const date = format.dateTime(new Date(invitation.expires_at), { dateStyle: 'medium' })
  return (
    <li className="flex items-center gap-3 border-b py-3 last:border-0">
      <span
        className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
        aria-hidden
      >
        <Icon size={17} />
      </span>
      <div className="grid min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-2">
          <bdi className="truncate font-medium">{invitation.email ?? t('anybody')}</bdi>
          <Badge>{t(`role_${invitation.role === 'owner' ? 'admin' : invitation.role}`)}</Badge>
        </p>
        <p className="truncate text-quiet text-sm">
          {state === 'open' ? t('until', { date }) : t(`state_${state}`)}
          {' · '}
          {uses}
          {inviter && (
            <>
              {' · '}
              <bdi>{inviter}</bdi>
            </>
          )}
        </p>
      </div>
      {state === 'open' && (
        <Button size="sm" variant="quiet" onClick={onRevoke}>
          {t('revoke')}
        </Button>
      )}
    </li>
  )
}

export function InvitationList({ workspace }: { workspace: Workspace }) {
  const t = useTranslations('invitations')
  const app = useTranslations('app')
  const errorText = useErrorText()
  const made = useInvitationsMade()
  const [revoking, setRevoking] = useState<Invitation | null>(null)
  const { items, phase, error, retry, update } = usePages(
    `${workspace.id} ${made}`,
    async () => {
      const list = await listInvitations(await getSupabase(), workspace.id)
      ensureProfiles(list.map((item) => item.created_by).filter((id) => id !== null))
      return list
    },
    SHOWN + 1,
  )
  const revoke = async (invitation: Invitation) => {
    await revokeInvitation(await getSupabase(), invitation.id)
    const revoked_at = new Date().toISOString()
    update((list) => list.map((item) => (item.id === invitation.id ? { ...item, revoked_at } : item)))
  }
  const invite = (
    <Button variant="primary" onClick={() => openDialog({ name: 'invite' })}>
      <UserPlus size={16} aria-hidden />
      {app('invitePeople')}
    </Button>
  )
  return (
    <>
      {items.length > 0 && <div className="mb-3 flex justify-end">{invite}</div>}
      {phase === 'failed' && <ListFailed error={error} retry={retry} />}
      {phase === 'loading' && items.length === 0 && <ListSkeleton />}
      {phase === 'ready' && items.length === 0 && (
        <EmptyState icon={<UserPlus size={20} />} title={t('none')} text={t('noneText')} action={invite} />
      )}
      <ul>
        {items.map((invitation) => (
          <Row key={invitation.id} invitation={invitation} onRevoke={() => setRevoking(invitation)} />
        ))}
      </ul>
      {revoking && (
        <ConfirmDialog
          title={t('revokeTitle')}
          confirm={t('revoke')}
          danger
          onConfirm={() => revoke(revoking)}
          errorText={errorText}
          onClose={() => setRevoking(null)}
        >
          {t('revokeText')}
        </ConfirmDialog>
      )}
    </>
  )
}
