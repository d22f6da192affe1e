import type { Answer, Member } from './member'

const TABLES = ['messages', 'profiles', 'channels', 'channel_members', 'workspace_members', 'workspaces']
/** Rows of these concern one person only. */
const OWN_TABLES = ['read_states', 'drafts']

/** Connects somebody and joins what they are there for; on the relay there is nothing to join. */
export async function arrive(member: Member): Promise<void> {
  await member.connect()
  if ('relay' in member.target) return
  if (member.spec.workspaceId) await appear(member)
  else await subscribe(member)
}

/** What `app/w/[slug]/_sync/watch-changes.ts` subscribes to; resolves when changes arrive from now on. */
async function subscribe(member: Member): Promise<void> {
  const { userId, token } = member.spec
  const all = { event: '*', schema: 'public' }
  const filter = `user_id=eq.${userId}`
  const config = {
    broadcast: { ack: false, self: false },
    presence: { key: '', enabled: false },
    postgres_changes: [
      ...TABLES.map((table) => ({ ...all, table })),
      ...OWN_TABLES.map((table) => ({ ...all, table, filter })),
    ],
    private: false,
  }
  const done = (event: string, payload: Answer) =>
    event === 'system' ? payload.status === 'ok' || new Error(payload.message) : undefined
  while (!(await member.join(`realtime:sync:${userId}`, { config, access_token: token }, done))) {}
}

export const presenceTopic = (member: Member) => `realtime:workspace:${member.spec.workspaceId}`

/** Shows somebody on their workspace's topic, as `watch-presence.ts` does. */
export async function appear(member: Member): Promise<void> {
  const { userId, token } = member.spec
  const config = {
    broadcast: { ack: false, self: false },
    presence: { key: userId, enabled: true },
    postgres_changes: [],
    private: true,
  }
  const done = (event: string) => (event === 'phx_reply' ? (true as const) : undefined)
  while (!(await member.join(presenceTopic(member), { config, access_token: token }, done))) {}
  const shown = { type: 'presence', event: 'track', payload: { state: 'online' } }
  member.push(presenceTopic(member), 'presence', shown)
}
