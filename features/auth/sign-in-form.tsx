'use client'

import { LogIn } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { linkClass } from '@/ui/link'
import { CheckMail } from './check-mail'
import { EmailField } from './email-field'
import { resendConfirmation, sendSignInCode } from './mail-mutations'
import { signIn } from './mutations'
import { signInWithPasskey, usePasskeySuggestions } from './passkey-sign-in'
import { PasswordField } from './password-field'
import { checkEmail } from './schema'
import { useSignInOptions } from './sign-in-options'
import { SignInWays } from './sign-in-ways'
import { startProvider, startSso, useSignInMethods } from './sso'

type Props = {
  email?: string
  /** A path of ours: where somebody goes on who signs in through a mail or another site. */
  next: string
  onDone(): void
  /** The way out for those who do not know their password; it gets the address that was typed. */
  forgotten?(email: string): ReactNode
  /** A mail with a code is on its way, or (false) the person chose another way. */
  onMailed?(waiting: boolean): void
}

type Mailed = { email: string; about: 'code' | 'signup' }

const b = (text: ReactNode) => <b className="font-semibold">{text}</b>

/** One form for a password manager to fill; what the address's company wants instead appears when it is known. */
export function SignInForm({ email = '', next, onDone, forgotten, onMailed }: Props) {
  const t = useTranslations('auth')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const options = useSignInOptions()
  const [mailed, setMailed] = useState<Mailed | null>(null)
  const [way, setWay] = useState<string | null>(null)
  // A company that wants its own sign-in may still have people who need the other: its owners, when that is broken.
  const [insists, setInsists] = useState(false)
  const wait = (on: Mailed | null) => {
    setMailed(on)
    onMailed?.(on !== null)
  }

  const { form, field, problems, values, busy, refuse } = useForm({
    initial: { email, password: '' },
    check(values) {
      const wrong = checkEmail(values.email)
      return {
        email: wrong && problem(wrong),
        password: values.password || sso ? undefined : problem('password_blank'),
      }
    },
    async submit(values) {
      // Enter in the address alone means the company's way, also when a password manager filled in what is hidden.
      if (sso && !(usual && values.password)) return startSso(sso, next, values.email)
      await signIn(await getSupabase(), values)
      onDone()
    },
    explain(error) {
      const { code } = toAppError(error)
      if (code === 'email_not_confirmed' && options?.mail)
        wait({ email: values.email.trim(), about: 'signup' })
      return code === 'invalid_credentials' ? { password: errorText(error) } : { form: errorText(error) }
    },
  })
  const methods = useSignInMethods(values.email)
  const sso = methods?.sso ?? null
  const usual = methods?.password !== false || !sso || insists
  const stopSuggestions = usePasskeySuggestions(options?.passkeys === true && !mailed, (error) =>
    refuse({ form: errorText(error) }),
  )

  const run = async (name: string, work: () => Promise<unknown>) => {
    if (way) return
    setWay(name)
    try {
      await work()
    } catch (error) {
      refuse({ form: errorText(error) })
    } finally {
      setWay(null)
    }
  }
  const withPasskey = () =>
    run('passkey', async () => {
      stopSuggestions()
      await signInWithPasskey()
      onDone()
    })
  const withCode = () => {
    const wrong = checkEmail(values.email)
    if (wrong) return refuse({ email: problem(wrong) })
    return run('code', async () => {
      await sendSignInCode(await getSupabase(), values.email, next)
      wait({ email: values.email.trim(), about: 'code' })
    })
  }

  if (mailed) {
    const send = mailed.about === 'code' ? sendSignInCode : resendConfirmation
    return (
      <CheckMail
        email={mailed.email}
        resend={async () => send(await getSupabase(), mailed.email, next)}
        onVerified={onDone}
        action={
          <Button variant="quiet" onClick={() => wait(null)}>
            {t('otherWay')}
          </Button>
        }
      >
        {mailed.about === 'code'
          ? t.rich('codeSent', { email: mailed.email, b })
          : t.rich('notConfirmed', { email: mailed.email, b })}
      </CheckMail>
    )
  }
  const password = field('password')
  const emailField = field('email')
  return (
    <div className="grid gap-2">
      <form {...form} className="grid gap-3">
        <EmailField
          {...emailField}
          autoComplete={options?.passkeys ? 'username webauthn' : 'username'}
          autoFocus={!email}
        />
        {sso && (
          <Button
            variant="primary"
            wide
            busy={way === 'sso'}
            className="h-10 min-w-0 shrink"
            onClick={() => run('sso', () => startSso(sso, next, values.email))}
          >
            <LogIn size={16} aria-hidden className="shrink-0" />
            <span className="min-w-0 truncate">{t('continueWith', { name: sso.name })}</span>
          </Button>
        )}
        {usual && (
          <>
            <PasswordField {...password} trailing={forgotten?.(values.email)} />
            {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
            <Button
              type="submit"
              variant={sso ? 'secondary' : 'primary'}
              wide
              busy={busy}
              className="mt-2 h-10"
            >
              {sso ? t('signInWithPassword') : t('signIn')}
            </Button>
          </>
        )}
        {!usual && (
          <>
            {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
            <button
              type="button"
              className={`${linkClass} justify-self-start text-base`}
              onClick={() => setInsists(true)}
            >
              {t('usePassword')}
            </button>
          </>
        )}
      </form>
      {options && usual && (
        <SignInWays
          options={options}
          busy={way}
          onPasskey={withPasskey}
          onCode={withCode}
          onProvider={(name) => run(name, () => startProvider(name, next))}
        />
      )}
    </div>
  )
}
