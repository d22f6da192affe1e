import type { Outbox } from '@/features/messages/outbox'
import type { SyncEngine } from './engine'

/** Tells the engine and the outbox what happens to the window: hidden, shown, online again. */
export function watchWindow(engine: SyncEngine, outbox: Outbox): () => void {
  const visibility = () => engine.visibility(document.visibilityState === 'visible')
  const online = () => {
    engine.online()
    void outbox.wake()
  }
  document.addEventListener('visibilitychange', visibility)
  window.addEventListener('online', online)
  // A page that comes back from the browser's back/forward cache slept without being told.
  const shown = (event: PageTransitionEvent) => event.persisted && online()
  window.addEventListener('pageshow', shown)
  return () => {
    document.removeEventListener('visibilitychange', visibility)
    window.removeEventListener('online', online)
    window.removeEventListener('pageshow', shown)
  }
}
