import { useEffect } from 'react'
import { isUnread } from '@/features/channels/schema'
import { channels } from '@/features/channels/store'
import { useStore } from '@/lib/store'

/** The window's title: "(3) #general" while three messages call the person, "• #general" while something is unread. */
export function useTitle(place: string): string {
  const calls = useStore(channels, ({ byId }) =>
    Object.values(byId).reduce((sum, channel) => sum + (channel.is_member ? channel.mention_count : 0), 0),
  )
  const unread = useStore(channels, ({ byId }) =>
    Object.values(byId).some((channel) => channel.is_member && !channel.muted_at && isUnread(channel)),
  )
  useEffect(() => {
    // An installed app shows the number on its icon; browsers that cannot, refuse, and that is all.
    if (calls) navigator.setAppBadge?.(calls).catch(() => {})
    else navigator.clearAppBadge?.().catch(() => {})
  }, [calls])
  if (calls) return `(${calls}) ${place}`
  return unread ? `• ${place}` : place
}
