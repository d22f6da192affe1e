'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { TextField } from '@/ui/text-field'
import { spendRecoveryCode } from './mutations'

type Props = { onDone(): void; onBack(): void }

/** The way out for those whose phone is gone. It turns two-factor sign-in off, so it says so before. */
export function RecoveryCodeForm({ onDone, onBack }: Props) {
  const t = useTranslations('factors')
  const errorText = useErrorText()
  const { form, field, problems, busy } = useForm({
    initial: { code: '' },
    check: ({ code }) => ({ code: code.trim() ? undefined : t('recoveryCodeBlank') }),
    async submit({ code }) {
      await spendRecoveryCode(await getSupabase(), code)
      onDone()
    },
    explain: (error) =>
      toAppError(error).code === 'recovery_code_wrong'
        ? { code: errorText(error) }
        : { form: errorText(error) },
  })
  return (
    <form {...form} className="grid gap-3">
      <TextField
        {...field('code')}
        label={t('recoveryCode')}
        help={t('recoveryCodeHelp')}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        dir="ltr"
        className="[&_input]:font-mono"
      />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('spendRecoveryCode')}
      </Button>
      <Button variant="quiet" wide onClick={onBack}>
        {t('backToCode')}
      </Button>
    </form>
  )
}
