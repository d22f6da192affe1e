'use client'

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { useSession } from '@/features/auth/session'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { toAppError } from '@/lib/errors'
import { createStore, useStore } from '@/lib/store'
import { getSupabase } from '@/lib/supabase/client'
import { readyEarly, takeEarly } from './early'
import type { SyncStatus } from './ports'
import { type ChatSession, openSession } from './session'
import { watchPresence } from './watch-presence'

const ChatContext = createContext<ChatSession | null>(null)
const FailedStart = createContext<SyncStatus['error']>(null)
const RETRY_MS = 3_000
const nothing = createStore<SyncStatus>({ phase: 'loading', live: false, inSync: false, error: null })

type Props = { slug: string; children: ReactNode }

/** Keeps the workspace in step with the server for everything below it. */
export function SyncProvider({ slug, children }: Props) {
  const account = useSession()
  const me = account.status === 'in' ? account.userId : null
  const [session, setSession] = useState<ChatSession | null>(() => (me ? readyEarly(me, slug) : null))
  const [error, setError] = useState<SyncStatus['error']>(null)

  useEffect(() => {
    if (!me) return
    let early = takeEarly(me, slug)
    let opened = early?.session ?? null
    let timer: ReturnType<typeof setTimeout> | undefined
    let gone = false
    async function start(person: string) {
      try {
        const opening = early?.opening ?? openSession(await getSupabase(), person, slug)
        early = null
        const next = await opening
        if (gone) return next.stop()
        opened = next
        setError(null)
        setSession(next)
      } catch (reason) {
        if (gone) return
        setError(toAppError(reason))
        timer = setTimeout(start, RETRY_MS, person)
      }
    }
    if (opened) setSession(opened)
    else void start(me)
    return () => {
      gone = true
      clearTimeout(timer)
      opened?.stop()
      setSession(null)
    }
  }, [me, slug])

  return (
    <ChatContext value={session}>
      <FailedStart value={error}>
        {session && <Presence session={session} />}
        {session && <OfflineStart />}
        {children}
      </FailedStart>
    </ChatContext>
  )
}

function Presence({ session }: { session: ChatSession }) {
  const workspace = useCurrentWorkspace()
  const id = workspace?.slug === session.slug ? workspace.id : null
  useEffect(() => (id ? watchPresence(session.topics, session.me, id) : undefined), [session, id])
  return null
}

/** Once the workspace is on the screen, the browser learns to start without a server. */
function OfflineStart() {
  const ready = useSyncStatus().inSync
  useEffect(() => {
    if (ready) void import('./keep-frame').then(({ keepFrame }) => keepFrame())
  }, [ready])
  return null
}

/** The open session; null until the local part of it is ready. */
export const useChat = () => useContext(ChatContext)

/** How the sync is doing: whether there is something to draw, and whether it is live. */
export function useSyncStatus(): SyncStatus {
  const session = useChat()
  const failed = useContext(FailedStart)
  const status = useStore(session?.status ?? nothing, (current) => current)
  return failed && !session ? { phase: 'failed', live: false, inSync: false, error: failed } : status
}
