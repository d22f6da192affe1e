import type { Outbox } from '@/features/messages/outbox'
import type { SharedTopics } from '@/lib/realtime/shared-topics'
import type { SyncEngine } from './engine'

const TICK_MS = 5_000
/** A tick that is later than this was slept through: browsers delay those of hidden pages by a minute at most. */
const SLEPT_MS = 75_000

/** Tells the engine, the socket and the outbox what happens to the window: hidden, shown, online again, woken up. */
export function watchWindow(engine: SyncEngine, outbox: Outbox, topics: SharedTopics): () => void {
  const back = () => {
    topics.probe()
    engine.online()
    void outbox.wake()
  }
  const visibility = () => {
    if (engine.visibility(document.visibilityState === 'visible')) topics.probe()
  }
  let ticked = Date.now()
  const timer = setInterval(() => {
    const slept = Date.now() - ticked > SLEPT_MS
    ticked = Date.now()
    if (slept) back()
  }, TICK_MS)
  document.addEventListener('visibilitychange', visibility)
  window.addEventListener('online', back)
  // A page that comes back from the browser's back/forward cache slept without being told.
  const shown = (event: PageTransitionEvent) => event.persisted && back()
  window.addEventListener('pageshow', shown)
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', visibility)
    window.removeEventListener('online', back)
    window.removeEventListener('pageshow', shown)
  }
}
