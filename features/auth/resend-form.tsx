'use client'

import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { CheckMail } from './check-mail'
import { EmailField } from './email-field'
import { resendConfirmation, sendSignInCode } from './mail-mutations'
import { checkEmail } from './schema'

type Props = { about: 'signup' | 'magiclink'; next: string }

/** A link came too late: another one to the same address. */
export function ResendForm({ about, next }: Props) {
  const t = useTranslations('auth')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [sentTo, setSentTo] = useState<string | null>(null)
  const send = about === 'signup' ? resendConfirmation : sendSignInCode
  const { form, field, problems, busy } = useForm({
    initial: { email: '' },
    check({ email }) {
      const wrong = checkEmail(email)
      return { email: wrong && problem(wrong) }
    },
    async submit({ email }) {
      await send(await getSupabase(), email, next)
      setSentTo(email.trim())
    },
    explain: (error) => ({ form: errorText(error) }),
  })
  if (sentTo) {
    const b = (text: ReactNode) => <b className="font-semibold">{text}</b>
    return (
      <CheckMail
        email={sentTo}
        resend={async () => send(await getSupabase(), sentTo, next)}
        onVerified={() => {}}
      >
        {about === 'signup'
          ? t.rich('confirmAddress', { email: sentTo, b })
          : t.rich('codeSent', { email: sentTo, b })}
      </CheckMail>
    )
  }
  return (
    <form {...form} className="grid gap-3">
      <EmailField {...field('email')} autoFocus />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('sendLink')}
      </Button>
    </form>
  )
}
