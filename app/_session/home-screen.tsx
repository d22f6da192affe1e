'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { checkRequirements } from '@/features/auth/requirements'
import { getHomeSlug } from '@/features/workspaces/queries'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { FullPage } from '@/ui/full-page'
import { SessionGuard } from './session-guard'

function ToWorkspace() {
  const t = useTranslations('app')
  const errorText = useErrorText()
  const router = useRouter()
  const [error, setError] = useState<unknown>(null)
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another run
  useEffect(() => {
    let current = true
    // A weak sign-in has no workspaces, and must not be led to make one: the guard above says what is needed.
    checkRequirements()
      .then(getSupabase)
      .then(getHomeSlug)
      .then((slug) => current && router.replace(slug ? `/w/${slug}` : '/create-workspace'))
      .catch((reason: unknown) => current && setError(reason))
    return () => {
      current = false
    }
  }, [router, attempt])

  if (!error) return null
  const retry = () => {
    setError(null)
    setAttempt(attempt + 1)
  }
  return (
    <FullPage
      title={t('unreachable')}
      text={errorText(error)}
      action={
        <Button variant="primary" onClick={retry}>
          {t('retry')}
        </Button>
      }
    />
  )
}

/** The address without anything behind it leads to the workspace that was open last, or to the first one. */
export function HomeScreen() {
  return (
    <SessionGuard>
      <ToWorkspace />
    </SessionGuard>
  )
}
