'use client'

import { useTranslations } from 'use-intl'
import { ResetLink } from '@/features/profiles/reset-link'
import type { Person } from '@/features/profiles/schema'
import {
  deactivateMember,
  reactivateMember,
  removeMember,
  removeTwoFactor,
} from '@/features/workspaces/mutations'
import type { Workspace } from '@/features/workspaces/schema'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { showToast } from '@/ui/toast'

export type MemberAction = {
  kind: 'remove' | 'deactivate' | 'reactivate' | 'two-factor' | 'reset-link'
  person: Person
}

type Props = {
  workspace: Workspace
  action: MemberAction
  /** Null: the person is gone from the list. */
  onChanged(person: Person, change: Partial<Person> | null): void
  onClose(): void
}

/** Asks before something is done to a member, and does it. */
export function MemberActionDialog({ workspace, action, onChanged, onClose }: Props) {
  const t = useTranslations('settings')
  const errorText = useErrorText()
  const { kind, person } = action
  const name = person.display_name
  if (kind === 'reset-link') return <ResetLink person={person} onClose={onClose} />

  const run = async () => {
    const client = await getSupabase()
    if (kind === 'remove') {
      await removeMember(client, workspace.id, person.id)
      onChanged(person, null)
    } else if (kind === 'deactivate') {
      await deactivateMember(client, workspace.id, person.id)
      onChanged(person, { deactivated_at: new Date().toISOString() })
    } else if (kind === 'reactivate') {
      await reactivateMember(client, workspace.id, person.id)
      onChanged(person, { deactivated_at: null })
    } else {
      await removeTwoFactor(client, person.id)
    }
    if (kind !== 'remove') showToast(t(`${kind}Done`, { name }))
  }
  const place = { name, workspace: workspace.name }
  return (
    <ConfirmDialog
      title={t(`${kind}Title`, place)}
      confirm={t(kind)}
      danger={kind !== 'reactivate'}
      onConfirm={run}
      errorText={errorText}
      onClose={onClose}
    >
      {t(`${kind}Text`)}
    </ConfirmDialog>
  )
}
