'use client'

import { useTranslations } from 'use-intl'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { SidePane } from '@/ui/side-pane'
import { closePane, openPane, useQuery } from '../_frame/location'
import { SearchPanel } from '../_search/search-panel'
import { useChat } from '../[slug]/_sync/sync-provider'

/** A search beside the conversation; it stays while its hits are opened one after the other. */
export default function SearchPane() {
  const t = useTranslations('search')
  const session = useChat()
  const workspace = useCurrentWorkspace()
  const text = useQuery().get('q') ?? ''
  return (
    <SidePane title={t('title')} onClose={closePane}>
      {session && workspace && (
        <div className="grid grid-cols-[minmax(0,1fr)] p-4 pt-3">
          <SearchPanel
            session={session}
            workspace={workspace}
            text={text}
            onText={(value) => openPane('search', value, { replace: true })}
          />
        </div>
      )}
    </SidePane>
  )
}
