import type { Device } from './device'
import type { Findings } from './flood'
import type { Truth } from './truth'

/** Compares what was acknowledged to a person with what the database holds; `purged` are messages that are meant to be gone. */
export function checkAcknowledged(device: Device, truth: Truth, purged: Set<string>): Findings {
  const { name, sent, bodies, deletions, reactions, memberships, member } = device
  const found: Findings = { lost: [], twice: [], wrong: [] }
  for (const [id, { channelId, threadId, acked }] of sent) {
    const row = truth.messages.get(id)
    if (!row) {
      if (acked && !purged.has(id)) found.lost.push(`${name}: message ${id}`)
      continue
    }
    if (row.user_id !== member.userId || row.channel_id !== channelId || row.thread_id !== threadId)
      found.wrong.push(`${name}: ${id} is somewhere else`)
    const deleted = row.deleted_at !== null
    if (!deletions.allows(id, deleted)) found.lost.push(`${name}: the deletion of ${id}`)
    if (!deleted && !bodies.allows(id, row.body))
      found.lost.push(`${name}: the edit of ${id}, which says "${row.body}"`)
    deletions.settle(id, deleted)
    if (!deleted) bodies.settle(id, row.body)
  }
  for (const key of reactions.keys()) {
    const [id = '', emoji = ''] = key.split(' ')
    const row = truth.messages.get(id)
    if (!row || row.deleted_at) continue
    const on = (row.reactions[emoji] ?? []).includes(member.userId)
    if (!reactions.allows(key, on))
      found.lost.push(`${name}: ${emoji} on ${id} is ${on ? 'there' : 'missing'}`)
    reactions.settle(key, on)
  }
  const mine = new Set((truth.channelsOf.get(member.userId) ?? []).map((channel) => channel.id))
  for (const id of memberships.keys()) {
    if (!memberships.allows(id, mine.has(id)))
      found.lost.push(`${name}: ${mine.has(id) ? 'leaving' : 'joining'} ${id}`)
    memberships.settle(id, mine.has(id))
  }
  return found
}

/** Messages that say the same under two ids. Nobody says anything twice. */
export function storedTwice(truth: Truth): string[] {
  const bodies = new Set<string>()
  return [...truth.messages.values()].flatMap(({ body }) => {
    if (body === '') return []
    const again = bodies.has(body)
    bodies.add(body)
    return again ? [`"${body}" is stored twice`] : []
  })
}
