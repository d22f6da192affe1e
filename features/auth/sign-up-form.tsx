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
import { CheckMail } from './check-mail'
import { EmailField } from './email-field'
import { confirmAddress, resendConfirmation } from './mail-mutations'
import { signUp } from './mutations'
import { PasswordField } from './password-field'
import { checkEmail, checkName, checkPassword, type FieldProblem } from './schema'

type Props = {
  email?: string
  /** Where the link of the confirmation mail leads in the end. */
  next: string
  onDone(): void
  /** The confirmation mail is on its way, or (false) another address is entered. */
  onMailed?(waiting: boolean): void
}

const fieldOf: Record<string, 'name' | 'email' | 'password'> = {
  weak_password: 'password',
  user_already_exists: 'email',
  email_exists: 'email',
  email_address_invalid: 'email',
  email_address_not_authorized: 'email',
}

export function SignUpForm({ email = '', next, onDone, onMailed }: Props) {
  const t = useTranslations('auth')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [confirming, setConfirming] = useState<string | null>(null)
  const wait = (email: string | null) => {
    setConfirming(email)
    onMailed?.(email !== null)
  }
  const say = (code: FieldProblem | undefined) => code && problem(code)
  const { form, field, problems, busy, finish } = useForm({
    initial: { name: '', email, password: '' },
    check: (values) => ({
      name: say(checkName(values.name)),
      email: say(checkEmail(values.email)),
      password: say(checkPassword(values.password)),
    }),
    async submit(values) {
      const redirectTo = confirmAddress('signup', next)
      const signedIn = await signUp(await getSupabase(), { ...values, redirectTo })
      if (signedIn) onDone()
      else {
        wait(values.email.trim())
        finish()
      }
    },
    explain(error) {
      const place = fieldOf[toAppError(error).code] ?? 'form'
      return { [place]: errorText(error) }
    },
  })

  if (confirming) {
    return (
      <CheckMail
        email={confirming}
        resend={async () => resendConfirmation(await getSupabase(), confirming, next)}
        onVerified={onDone}
        action={
          <Button variant="quiet" onClick={() => wait(null)}>
            {t('otherAddress')}
          </Button>
        }
      >
        {t.rich('confirmAddress', {
          email: confirming,
          b: (chunks) => <b className="font-semibold">{chunks}</b>,
        })}
      </CheckMail>
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
      <EmailField {...field('email')} />
      <PasswordField {...field('password')} isNew />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('createAccount')}
      </Button>
    </form>
  )
}
