'use client'

import { SearchX } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { rememberSearch } from '@/features/search/recent'
import { SearchBox, type SearchBoxHandle } from '@/features/search/search-box'
import { SearchStart } from '@/features/search/search-start'
import type { Workspace } from '@/features/workspaces/schema'
import { EmptyState } from '@/ui/empty-state'
import { LoadMore } from '@/ui/load-more'
import { useQuery } from '../_frame/location'
import { ListFailed } from '../_views/list-failed'
import { ListSkeleton } from '../_views/list-skeleton'
import type { ChatSession } from '../[slug]/_sync/session'
import { Result } from './result'
import { useCompletions } from './use-completions'
import { useSearch } from './use-search'

type Props = {
  session: ChatSession
  workspace: Workspace
  /** What the address asks for. */
  text: string
  onText(text: string): void
}

const TYPING_MS = 250

/** The field and what it finds: on a screen of its own, or in the pane beside a conversation. */
export function SearchPanel({ session, workspace, text, onText }: Props) {
  const t = useTranslations('search')
  const box = useRef<SearchBoxHandle>(null)
  const list = useRef<HTMLUListElement>(null)
  const [typed, setTyped] = useField(text, onText)
  const found = useSearch(session, workspace, text)
  const completions = useCompletions(session, workspace)
  const opened = useQuery().get('m')
  const links = () => [...(list.current?.querySelectorAll<HTMLElement>('[data-result]') ?? [])]

  // biome-ignore lint/correctness/useExhaustiveDependencies: where the focus begins, once
  useEffect(() => {
    const current = opened && links().find((link) => link.ariaCurrent === 'true')
    if (current) current.focus()
    else box.current?.focus()
  }, [])

  const walk = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey || event.ctrlKey || event.shiftKey) return
    const all = links()
    const index = all.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: all.length - 1 }[event.key]
    if (to === undefined || index === -1) return
    event.preventDefault()
    if (to < 0) box.current?.focus()
    else all[Math.min(to, all.length - 1)]?.focus()
  }
  const { hits, phase, isEmpty, next } = found
  const none = phase === 'ready' && hits.length === 0 && !next
  return (
    <>
      <div className="sticky top-0 z-10 bg-ground pb-2">
        <SearchBox
          ref={box}
          text={typed}
          completions={completions}
          onText={(value, settled) => {
            setTyped(value, settled)
            if (settled) rememberSearch(session.me, value)
          }}
          onDown={() => links()[0]?.focus()}
        />
      </div>
      <p role="status" className="sr-only">
        {phase === 'ready' && !isEmpty && t('found', { count: hits.length, more: next ? 'yes' : 'no' })}
      </p>
      {isEmpty && (
        <SearchStart
          meId={session.me}
          onSearch={(value) => setTyped(value, true)}
          onFilter={(insert) => box.current?.insert(insert)}
        />
      )}
      {phase === 'failed' && <ListFailed error={found.error} retry={found.retry} />}
      {phase === 'loading' && hits.length === 0 && <ListSkeleton />}
      {none && <EmptyState icon={<SearchX size={22} />} title={t('nothing')} text={t('nothingText')} />}
      {!isEmpty && (
        <ul
          ref={list}
          aria-label={t('results')}
          aria-busy={phase === 'loading'}
          onKeyDown={walk}
          className="-mx-3 grid grid-cols-[minmax(0,1fr)] gap-0.5"
        >
          {hits.map((hit) => (
            <Result
              key={hit.id}
              hit={hit}
              terms={found.query.terms}
              channel={found.channels[hit.channel_id]}
              slug={workspace.slug}
              text={text}
              current={opened === hit.id}
              onOpen={() => rememberSearch(session.me, text)}
            />
          ))}
        </ul>
      )}
      {next && phase !== 'failed' && <LoadMore onMore={found.more} busy={phase === 'loading'} />}
    </>
  )
}

/** What stands in the field; the address follows when typing pauses, and the field when somebody goes back. */
function useField(text: string, onText: (text: string) => void) {
  const [typed, setTyped] = useState(text)
  const asked = useRef(text)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    if (text !== asked.current) setTyped(text)
    asked.current = text
  }, [text])
  useEffect(() => () => clearTimeout(timer.current), [])
  const change = (value: string, settled: boolean) => {
    setTyped(value)
    clearTimeout(timer.current)
    const ask = () => {
      asked.current = value
      onText(value)
    }
    if (settled) ask()
    else timer.current = setTimeout(ask, TYPING_MS)
  }
  return [typed, change] as const
}
