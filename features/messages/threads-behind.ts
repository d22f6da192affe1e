import { isRetryable, toAppError } from '@/lib/errors'
import { settleThread, threadsBehind } from './window'
import type { WindowStore } from './window-store'

/** Asks for the threads that a fresh page has left behind; one that is refused stays as it is. Rejects where asking again may help. */
export async function askForThreads(
  windows: WindowStore,
  channelId: string,
  ask: (rootId: string) => Promise<void>,
): Promise<void> {
  const asked = threadsBehind(windows.get(channelId)).map((rootId) =>
    ask(rootId).catch((error: unknown) => {
      if (isRetryable(toAppError(error))) throw error
      windows.change(channelId, (window) => settleThread(window, rootId))
    }),
  )
  await Promise.all(asked)
}
