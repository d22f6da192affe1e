'use client'

import { MessagesSquare } from 'lucide-react'
import { type ComponentType, Suspense, useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { useChannels } from '@/features/channels/store'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { lazyPart } from '@/lib/lazy-part'
import { buttonClass } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { ConversationView } from '../_views/conversation-view'
import { channelPath, navigate, type Screen, type View, workspacePath } from './location'
import { rememberChannel, startChannel } from './open-channel'
import { wide } from './wide'

type Props = { slug: string; view: View }

const screens: Record<Exclude<Screen, 'channels'>, ComponentType> = {
  search: lazyPart(() => import('../_views/search-view')),
  browse: lazyPart(() => import('../_views/browse-view')),
  people: lazyPart(() => import('../_views/people-view')),
  invitations: lazyPart(() => import('../_views/settings-view')),
  settings: lazyPart(() => import('../_views/settings-view')),
  preferences: lazyPart(() => import('../_views/preferences-view')),
  account: lazyPart(() => import('../_views/preferences-view')),
}

/** Leads from the bare address of the workspace to a channel; on a phone the list of channels is a screen itself. */
function Start({ slug, always }: { slug: string; always: boolean }) {
  const t = useTranslations('app')
  const workspace = useCurrentWorkspace()
  const known = useChannels()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the channels decide where it leads
  useEffect(() => {
    if (!workspace) return
    const room = wide()
    const go = () => {
      if (!always && !room.matches) return
      const id = startChannel(workspace.id)
      if (id) navigate(channelPath(slug, id), { replace: true })
      else if (always && !room.matches) navigate(workspacePath(slug, 'channels'), { replace: true })
    }
    go()
    room.addEventListener('change', go)
    return () => room.removeEventListener('change', go)
  }, [workspace, slug, always, known])
  // A guest is in no channel until somebody adds them.
  if (!workspace || startChannel(workspace.id)) return null
  return <EmptyState icon={<MessagesSquare size={22} />} title={t('noChannel')} text={t('noChannelText')} />
}

function Unknown({ slug }: { slug: string }) {
  const t = useTranslations('app')
  return (
    <EmptyState
      title={t('noPage')}
      text={t('noPageText')}
      action={
        <a href={workspacePath(slug)} className={buttonClass({ variant: 'primary' })}>
          {t('toHome')}
        </a>
      }
    />
  )
}

export function Views({ slug, view }: Props) {
  const workspace = useCurrentWorkspace()
  const channelId = view.name === 'conversation' ? view.channelId : null
  useEffect(() => {
    if (workspace && channelId) rememberChannel(workspace.id, channelId)
  }, [workspace, channelId])

  if (channelId) return <ConversationView channelId={channelId} />
  if (view.name === 'start' || view.name === 'channels')
    return <Start slug={slug} always={view.name === 'start'} />
  if (view.name === 'unknown' || view.name === 'conversation') return <Unknown slug={slug} />
  const ScreenView = screens[view.name]
  return (
    <Suspense fallback={null}>
      <ScreenView />
    </Suspense>
  )
}
