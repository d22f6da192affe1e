'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { changePassword } from './account-mutations'
import { PasswordField } from './password-field'
import { checkPassword } from './schema'

type Props = { email: string; onDone(): void; onCancel(): void }

export function ChangePasswordForm({ email, onDone, onCancel }: Props) {
  const t = useTranslations('auth')
  const ui = useTranslations('ui')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const { form, field, problems, busy } = useForm({
    initial: { current: '', password: '' },
    check({ current, password }) {
      const wrong = checkPassword(password)
      return {
        current: current ? undefined : problem('password_blank'),
        password: wrong && problem(wrong),
      }
    },
    async submit({ current, password }) {
      await changePassword(await getSupabase(), current, password)
      onDone()
    },
    explain(error) {
      const { code } = toAppError(error)
      if (code === 'invalid_credentials') return { current: t('currentPasswordWrong') }
      const atNew = code === 'weak_password' || code === 'same_password'
      return { [atNew ? 'password' : 'form']: errorText(error) }
    },
  })
  return (
    <form {...form} className="grid max-w-[28rem] gap-3">
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordField {...field('current')} label={t('currentPassword')} autoFocus />
      <PasswordField {...field('password')} label={t('newPassword')} isNew />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={busy}>
          {t('changePassword')}
        </Button>
        <Button variant="quiet" onClick={onCancel}>
          {ui('cancel')}
        </Button>
      </div>
    </form>
  )
}
