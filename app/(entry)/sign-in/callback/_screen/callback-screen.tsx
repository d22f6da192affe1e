'use client'

import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { readArrival } from '@/features/auth/arrival'
import { finishRedirect } from '@/features/auth/sso'
import { useErrorText } from '@/lib/error-text'
import { buttonClass } from '@/ui/button'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { EntryHeading } from '../../../_parts/entry-heading'
import { useEntry } from '../../../_parts/use-entry'

/** What another site's sign-in has brought back: a code of this tab, or a refusal. */
async function finish() {
  const arrival = readArrival(window.location)
  if (arrival.kind === 'problem') {
    // What failed is between this server and the other site: only an administrator can mend it, the log says what.
    const code = arrival.code === 'unexpected_failure' ? 'bad_oauth_callback' : arrival.code
    throw { code, status: 403, message: code }
  }
  const code = new URLSearchParams(window.location.search).get('code')
  if (!code) throw { code: 'sign_in_interrupted', status: 400, message: 'No code came back.' }
  await finishRedirect(code)
}

export function CallbackScreen({ next }: { next?: string }) {
  const t = useTranslations('entry')
  const errorText = useErrorText()
  const { query } = useEntry(next)
  const [problem, setProblem] = useState<unknown>(null)
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    finish().catch(setProblem)
  }, [])
  if (problem === null) {
    return (
      <Late label={t('loading')} className="grid gap-3">
        <Skeleton className="h-9 w-64" />
        <Skeleton className="h-5 w-full" />
      </Late>
    )
  }
  return (
    <>
      <EntryHeading title={t('notSignedIn')}>{errorText(problem)}</EntryHeading>
      <p>
        <Link href={`/sign-in${query}`} className={buttonClass({ variant: 'primary' })}>
          {t('backToSignIn')}
        </Link>
      </p>
    </>
  )
}
