'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { SegmentedControl } from '@/ui/segmented-control'
import { Select } from '@/ui/select'
import { TextField } from '@/ui/text-field'
import { createInvitation } from './mutations'
import { INVITED_ROLES, type Role } from './roles'
import type { NewInvitation } from './schema'

type Props = {
  workspaceId: string
  /** Owners may invite admins. */
  mayInviteAdmins: boolean
  onCreated(invitation: NewInvitation): void
}

const DURATIONS = ['1 day', '7 days', '30 days', '365 days'] as const
const USES = ['unlimited', '1', '10', '50'] as const

export function InviteForm({ workspaceId, mayInviteAdmins, onCreated }: Props) {
  const t = useTranslations('invitations')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [mode, setMode] = useState<'link' | 'email'>('link')
  const [role, setRole] = useState<Role>('member')
  const [duration, setDuration] = useState<(typeof DURATIONS)[number]>('7 days')
  const [uses, setUses] = useState<(typeof USES)[number]>('unlimited')
  const { form, field, problems, busy, finish } = useForm({
    initial: { email: '' },
    check: ({ email }) => ({
      email:
        mode === 'email' && !/^[^\s@]+@[^\s@]+$/.test(email.trim()) ? problem('email_invalid') : undefined,
    }),
    async submit({ email }) {
      const limit = mode === 'email' ? 1 : uses === 'unlimited' ? null : Number(uses)
      const invitation = await createInvitation(await getSupabase(), {
        workspaceId,
        role,
        email: mode === 'email' ? email.trim() : null,
        maxUses: limit,
        expiresIn: duration,
      })
      finish()
      onCreated(invitation)
    },
    explain(error) {
      const atEmail = ['email_invalid', 'already_member'].includes(toAppError(error).code)
      return { [atEmail ? 'email' : 'form']: errorText(error) }
    },
  })
  const roles = INVITED_ROLES.filter((value) => value !== 'admin' || mayInviteAdmins)
  return (
    <form {...form} className="grid gap-3">
      <SegmentedControl
        label={t('mode')}
        value={mode}
        onChange={setMode}
        options={[
          { value: 'link', label: t('byLink') },
          { value: 'email', label: t('byEmail') },
        ]}
      />
      <p className="mb-1 text-quiet text-sm">{mode === 'link' ? t('byLinkHelp') : t('byEmailHelp')}</p>
      {mode === 'email' && (
        <TextField
          {...field('email')}
          label={t('email')}
          type="email"
          inputMode="email"
          autoComplete="off"
          autoCapitalize="none"
          autoFocus
        />
      )}
      <Select
        label={t('role')}
        help={t(`roleHelp_${role === 'owner' ? 'member' : role}`)}
        value={role}
        onChange={setRole}
        options={roles.map((value) => ({ value, label: t(`role_${value}`) }))}
      />
      <div className="grid gap-3 md:grid-cols-2">
        <Select
          label={t('expires')}
          value={duration}
          onChange={setDuration}
          options={DURATIONS.map((value) => ({
            value,
            label: t('days', { count: Number.parseInt(value, 10) }),
          }))}
        />
        {mode === 'link' && (
          <Select
            label={t('uses')}
            value={uses}
            onChange={setUses}
            options={USES.map((value) => ({
              value,
              label: value === 'unlimited' ? t('unlimited') : t('people', { count: Number(value) }),
            }))}
          />
        )}
      </div>
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <DialogActions>
        <Button type="submit" variant="primary" busy={busy}>
          {t('createLink')}
        </Button>
      </DialogActions>
    </form>
  )
}
