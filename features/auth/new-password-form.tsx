'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { setNewPassword } from './mail-mutations'
import { PasswordField } from './password-field'
import { checkPassword } from './schema'

type Props = { email: string; onDone(): void }

/** After a recovery link: the new password. The address is there for the password manager, which saves both. */
export function NewPasswordForm({ email, onDone }: Props) {
  const t = useTranslations('auth')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const { form, field, problems, busy } = useForm({
    initial: { password: '' },
    check({ password }) {
      const wrong = checkPassword(password)
      return { password: wrong && problem(wrong) }
    },
    async submit({ password }) {
      await setNewPassword(await getSupabase(), password)
      onDone()
    },
    explain: (error) =>
      ['weak_password', 'same_password'].includes(toAppError(error).code)
        ? { password: errorText(error) }
        : { form: errorText(error) },
  })
  return (
    <form {...form} className="grid gap-3">
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordField {...field('password')} label={t('newPassword')} isNew autoFocus />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('setPassword')}
      </Button>
    </form>
  )
}
