'use client'

import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { CheckMail } from './check-mail'
import { EmailField } from './email-field'
import { requestPasswordReset } from './mail-mutations'
import { checkEmail } from './schema'

type Props = { email?: string; onSent(): void; action: ReactNode }

export function ForgotPasswordForm({ email = '', onSent, action }: Props) {
  const t = useTranslations('auth')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [sentTo, setSentTo] = useState<string | null>(null)
  const { form, field, problems, busy } = useForm({
    initial: { email },
    check(values) {
      const wrong = checkEmail(values.email)
      return { email: wrong && problem(wrong) }
    },
    async submit(values) {
      await requestPasswordReset(await getSupabase(), values.email)
      setSentTo(values.email.trim())
      onSent()
    },
    explain: (error) =>
      toAppError(error).code.startsWith('email_') ? { email: errorText(error) } : { form: errorText(error) },
  })
  if (sentTo) {
    return (
      <CheckMail
        email={sentTo}
        resend={async () => requestPasswordReset(await getSupabase(), sentTo)}
        action={action}
      >
        {t.rich('resetSent', { email: sentTo, b: (text) => <b className="font-semibold">{text}</b> })}
      </CheckMail>
    )
  }
  return (
    <form {...form} className="grid gap-3">
      <EmailField {...field('email')} autoFocus />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('sendReset')}
      </Button>
      <div className="mt-2 justify-self-start">{action}</div>
    </form>
  )
}
