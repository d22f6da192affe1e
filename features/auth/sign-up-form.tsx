'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { TextField } from '@/ui/text-field'
import { signUp } from './mutations'
import { PasswordField } from './password-field'
import { checkEmail, checkName, checkPassword, type FieldProblem } from './schema'

type Props = { email?: string; onDone(): void }

const fieldOf: Record<string, 'name' | 'email' | 'password'> = {
  weak_password: 'password',
  user_already_exists: 'email',
  email_exists: 'email',
  email_address_invalid: 'email',
  email_address_not_authorized: 'email',
}

export function SignUpForm({ email = '', onDone }: Props) {
  const t = useTranslations('auth')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [confirming, setConfirming] = useState<string | null>(null)
  const say = (code: FieldProblem | undefined) => code && problem(code)
  const { form, field, problems, busy } = useForm({
    initial: { name: '', email, password: '' },
    check: (values) => ({
      name: say(checkName(values.name)),
      email: say(checkEmail(values.email)),
      password: say(checkPassword(values.password)),
    }),
    async submit(values) {
      const redirectTo = window.location.href
      const signedIn = await signUp(await getSupabase(), { ...values, redirectTo })
      if (signedIn) onDone()
      else setConfirming(values.email.trim())
    },
    explain(error) {
      const place = fieldOf[toAppError(error).code] ?? 'form'
      return { [place]: errorText(error) }
    },
  })

  if (confirming) {
    return (
      <p role="status" className="text-base text-soft">
        {t.rich('confirmAddress', {
          email: confirming,
          b: (chunks) => <b className="font-semibold">{chunks}</b>,
        })}
      </p>
    )
  }
  return (
    <form {...form} className="grid gap-3">
      <TextField
        {...field('name')}
        label={t('name')}
        help={t('nameHelp')}
        autoComplete="name"
        autoFocus
        dir="auto"
      />
      <TextField
        {...field('email')}
        label={t('email')}
        type="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
      />
      <PasswordField {...field('password')} isNew />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('createAccount')}
      </Button>
    </form>
  )
}
