'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { TextField } from '@/ui/text-field'
import { signIn } from './mutations'
import { PasswordField } from './password-field'
import { checkEmail } from './schema'

type Props = { email?: string; onDone(): void }

export function SignInForm({ email = '', onDone }: Props) {
  const t = useTranslations('auth')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const { form, field, problems, busy } = useForm({
    initial: { email, password: '' },
    check({ email, password }) {
      const wrong = checkEmail(email)
      return {
        email: wrong && problem(wrong),
        password: password ? undefined : problem('password_blank'),
      }
    },
    async submit(values) {
      await signIn(await getSupabase(), values)
      onDone()
    },
    explain: (error) =>
      toAppError(error).code === 'invalid_credentials'
        ? { password: errorText(error) }
        : { form: errorText(error) },
  })
  return (
    <form {...form} className="grid gap-3">
      <TextField
        {...field('email')}
        label={t('email')}
        type="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={!email}
      />
      <PasswordField {...field('password')} />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('signIn')}
      </Button>
    </form>
  )
}
