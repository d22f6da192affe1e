'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { changeEmail } from './account-mutations'
import { EmailField } from './email-field'
import { checkEmail } from './schema'

type Props = { email: string; onDone(): void; onCancel(): void }

export function ChangeEmailForm({ email, onDone, onCancel }: Props) {
  const t = useTranslations('auth')
  const ui = useTranslations('ui')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const [waiting, setWaiting] = useState<string | null>(null)
  const { form, field, problems, busy } = useForm({
    initial: { email: '' },
    check(values) {
      const wrong = checkEmail(values.email)
      if (wrong) return { email: problem(wrong) }
      const same = values.email.trim().toLowerCase() === email.toLowerCase()
      return { email: same ? t('sameEmail') : undefined }
    },
    async submit(values) {
      const counts = await changeEmail(await getSupabase(), values.email)
      if (counts) onDone()
      else setWaiting(values.email.trim())
    },
    explain: (error) =>
      /^email_|^user_already/.test(toAppError(error).code)
        ? { email: errorText(error) }
        : { form: errorText(error) },
  })
  if (waiting) {
    return (
      <div className="grid max-w-[28rem] gap-3">
        <p role="status" className="break-words rounded-card bg-fill px-3.5 py-2.5 text-base text-soft">
          {t('emailChangeSent', { old: email, email: waiting })}
        </p>
        <Button className="justify-self-start" onClick={onCancel}>
          {ui('close')}
        </Button>
      </div>
    )
  }
  return (
    <form {...form} className="grid max-w-[28rem] gap-3">
      <EmailField {...field('email')} label={t('newEmail')} autoComplete="email" autoFocus />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={busy}>
          {t('changeEmail')}
        </Button>
        <Button variant="quiet" onClick={onCancel}>
          {ui('cancel')}
        </Button>
      </div>
    </form>
  )
}
