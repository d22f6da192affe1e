'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { SignedInAs } from '@/app/_session/signed-in-as'
import { useSession, watchSession } from '@/features/auth/session'
import { SignInForm } from '@/features/auth/sign-in-form'
import { SignUpForm } from '@/features/auth/sign-up-form'
import { acceptInvitation } from '@/features/invitations/mutations'
import { getInvitationPreview } from '@/features/invitations/queries'
import { type InvitationPreview, inviterName } from '@/features/invitations/schema'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { Avatar } from '@/ui/avatar'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { linkClass } from '@/ui/link'
import { Skeleton } from '@/ui/skeleton'
import { EntryHeading } from '../../../_parts/entry-heading'
import { ForgottenLink } from '../../../_parts/forgotten-link'
import { JoinProblem } from './join-problem'

type Loaded = { preview: InvitationPreview } | { problem: unknown } | null

export function JoinScreen({ code }: { code: string }) {
  const t = useTranslations('invitations')
  const entry = useTranslations('entry')
  const errorText = useErrorText()
  const router = useRouter()
  const session = useSession()
  const [loaded, setLoaded] = useState<Loaded>(null)
  const [hasAccount, setHasAccount] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)

  useEffect(watchSession, [])
  useEffect(() => {
    getSupabase()
      .then((client) => getInvitationPreview(client, code))
      .then(
        (preview) => setLoaded({ preview }),
        (problem: unknown) => setLoaded({ problem }),
      )
  }, [code])

  if (!loaded || session.status === 'loading') {
    return (
      <Late label={entry('loading')} className="grid gap-3">
        <Skeleton className="size-12" />
        <Skeleton className="h-8 w-64" />
        <Skeleton className="h-5 w-48" />
        <Skeleton className="mt-4 h-10 w-full" />
      </Late>
    )
  }
  if ('problem' in loaded) return <JoinProblem problem={loaded.problem} />

  const { workspace, email, role } = loaded.preview
  const here = `/join/${encodeURIComponent(code)}`
  const inviter = inviterName(loaded.preview)
  const join = async () => {
    setBusy(true)
    setError(null)
    try {
      const { slug } = await acceptInvitation(await getSupabase(), code)
      router.replace(`/w/${slug}`)
    } catch (reason) {
      if (toAppError(reason).code === 'already_member') return router.replace(`/w/${workspace.slug}`)
      setError(reason)
      setBusy(false)
    }
  }

  return (
    <>
      <Avatar name={workspace.name} symbol={workspace.icon} shape="square" size={48} className="mb-4" />
      <EntryHeading title={t('joinTitle', { workspace: workspace.name })}>
        {inviter ? t('joinText', { inviter, role }) : t('joinTextAnonymous', { role })}
      </EntryHeading>
      {session.status === 'in' ? (
        <div className="grid gap-3">
          {error !== null && <ErrorNotice>{errorText(error)}</ErrorNotice>}
          <Button variant="primary" wide busy={busy} onClick={join} className="h-10">
            {t('join')}
          </Button>
          <SignedInAs />
        </div>
      ) : (
        <>
          {hasAccount ? (
            <SignInForm
              email={email ?? ''}
              next={here}
              onDone={join}
              forgotten={(typed) => <ForgottenLink email={typed} next={here} />}
            />
          ) : (
            <SignUpForm email={email ?? ''} next={here} onDone={join} />
          )}
          <p className="mt-6 text-base text-quiet">
            {hasAccount ? entry('noAccount') : entry('haveAccount')}{' '}
            <button type="button" className={linkClass} onClick={() => setHasAccount(!hasAccount)}>
              {hasAccount ? entry('toSignUp') : entry('toSignIn')}
            </button>
          </p>
        </>
      )}
    </>
  )
}
