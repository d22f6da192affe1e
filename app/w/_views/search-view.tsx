'use client'

import { useTranslations } from 'use-intl'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { navigate, useQuery, workspacePath } from '../_frame/location'
import { ScreenHeader } from '../_frame/screen-header'
import { SearchPanel } from '../_search/search-panel'
import { useChat } from '../[slug]/_sync/sync-provider'

/** A search with an address of its own, which can be shared: everybody finds what they may read. */
export default function SearchView() {
  const t = useTranslations('search')
  const session = useChat()
  const workspace = useCurrentWorkspace()
  const text = useQuery().get('q') ?? ''
  if (!session || !workspace) return null
  const go = (value: string) => {
    const query = value ? `?q=${encodeURIComponent(value)}` : ''
    navigate(`${workspacePath(workspace.slug, 'search')}${query}`, { replace: true })
  }
  return (
    <>
      <ScreenHeader title={t('title')} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto grid w-full max-w-[46rem] grid-cols-[minmax(0,1fr)] px-4 pt-4 pb-6 md:px-6">
          <SearchPanel session={session} workspace={workspace} text={text} onText={go} />
        </div>
      </div>
    </>
  )
}
