import { storedAccount } from '@/features/auth/session'
import { getSupabase } from '@/lib/supabase/client'
import { parsePath } from '../../_frame/location'
import { type ChatSession, openSession } from './session'

type Early = { me: string; slug: string; opening: Promise<ChatSession>; session: ChatSession | null }

let early: Early | null = null
/** Whoever draws the workspace has asked for it, and opens what comes from then on. */
let over = false

/**
 * Opens the workspace of the address for whom this browser knows, while React still takes over the document: what was kept
 * is then read, and the server asked, when the frame is drawn for the first time. For whoever is not signed in, or has to
 * show a second factor first, nothing is opened; what a session opens, the database decides as always.
 */
export function openEarly(): void {
  if (!window.location.pathname.startsWith('/w/')) return
  if (storedAccount().status === 'in') open()
  // On a first visit the name that the session has here is not known yet.
  else getSupabase().then(open, () => {})
}

function open() {
  const { pathname, search } = window.location
  const account = storedAccount()
  const { slug, view } = parsePath(pathname)
  if (over || account.status !== 'in' || account.weak || !slug) return
  const me = account.userId
  // A message that the address names may be anywhere in its channel.
  const present = view.name === 'conversation' && !new URLSearchParams(search).has('m')
  const channelId = present ? view.channelId : undefined
  const opening = getSupabase().then((client) => openSession(client, me, slug, channelId))
  const opened: Early = { me, slug, opening, session: null }
  early = opened
  opening.then(
    (session) => {
      opened.session = session
    },
    // Whoever takes it hears of it.
    () => {},
  )
}

/** The session that was opened early, where it stands by now; it stays to be taken. */
export const readyEarly = (me: string, slug: string): ChatSession | null =>
  early?.me === me && early.slug === slug ? early.session : null

/** Hands over what was opened early, once. What was opened for somebody else, or for another place, ends. */
export function takeEarly(me: string, slug: string): Early | null {
  const taken = early
  early = null
  over = true
  if (!taken || (taken.me === me && taken.slug === slug)) return taken
  taken.opening.then(
    (session) => session.stop(),
    () => {},
  )
  return null
}
