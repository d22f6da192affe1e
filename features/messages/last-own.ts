import type { Item } from './items'

/** The newest message of one's own that can be edited. */
export function lastOwn(items: readonly Item[], me: string): string | null {
  const own = items.findLast(
    ({ message, state }) => message.user_id === me && state === 'sent' && !message.deleted_at,
  )
  return own?.key ?? null
}
