'use client'

import Link from 'next/link'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { setChannels } from '@/features/channels/store'
import { applyPeople, setMe } from '@/features/profiles/store'
import type { Workspace } from '@/features/workspaces/schema'
import { setWorkspaces } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { type AppError, toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import { getSupabase } from '@/lib/supabase/client'
import { Button, buttonClass } from '@/ui/button'
import { FullPage } from '@/ui/full-page'
import type { Bootstrap } from '../[slug]/_sync/ports'
import { FrameSkeleton } from './frame-skeleton'

type State = { phase: 'loading' | 'ready' | 'missing' | 'failed'; error?: AppError }

/** Loads the workspace and fills the stores. */
export function WorkspaceData({ slug, children }: { slug: string; children: ReactNode }) {
  const t = useTranslations('app')
  const errorText = useErrorText()
  const [state, setState] = useState<State>({ phase: 'loading' })
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another run
  useEffect(() => {
    let current = true
    setState({ phase: 'loading' })
    const load = async () => {
      const data = await callFunction<Bootstrap>(await getSupabase(), 'bootstrap', { workspace_slug: slug })
      if (!current) return
      setMe(data.me)
      applyPeople(data.people)
      setWorkspaces(data.workspaces as Workspace[], data.workspace?.id ?? null)
      setChannels(data.channels)
      setState({ phase: data.workspace ? 'ready' : 'missing' })
    }
    load().catch((reason) => current && setState({ phase: 'failed', error: toAppError(reason) }))
    return () => {
      current = false
    }
  }, [slug, attempt])

  if (state.phase === 'loading') return <FrameSkeleton />
  if (state.phase === 'ready') return children
  if (state.phase === 'missing') {
    return (
      <FullPage
        title={t('noWorkspace')}
        text={t('noWorkspaceText')}
        action={
          <Link href="/" className={buttonClass({ variant: 'primary' })}>
            {t('toHome')}
          </Link>
        }
      />
    )
  }
  return (
    <FullPage
      title={t('unreachable')}
      text={errorText(state.error)}
      action={
        <Button variant="primary" onClick={() => setAttempt(attempt + 1)}>
          {t('retry')}
        </Button>
      }
    />
  )
}
