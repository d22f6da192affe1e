import type { BrowsedChannel } from '@/features/channels/queries'
import type { Channel } from '@/features/channels/schema'
import { signalOf } from '@/features/channels/sections'
import type { Person } from '@/features/profiles/schema'
import { rank } from '@/lib/rank'
import { counterparts, directName } from '../_frame/channel-label'

export type Target = {
  key: string
  kind: 'channel' | 'person'
  label: string
  note?: string
  isPrivate?: boolean
  direct?: 'one' | 'group'
  people?: number
  personId?: string
  avatar?: string | null
  unread: boolean
  count: number
  open(): unknown
}

type Sources = {
  query: string
  meId: string | null
  channels: Channel[]
  people: Record<string, Person>
  /** Answers of the server: channels I am not in, people who were not loaded. */
  foundChannels: BrowsedChannel[]
  foundPeople: Person[]
  openChannel(id: string): unknown
  openPerson(id: string): unknown
  notJoined: string
}

const SHOWN = 20
const DAY_MS = 86_400_000

/** Unread and recent conversations are more likely meant; at most 10 points. */
function likely(channel: Channel, now: number) {
  const { unread, count } = signalOf(channel)
  const last = channel.head.last_message_at ? Date.parse(channel.head.last_message_at) : 0
  const days = (now - last) / DAY_MS
  return (count > 0 ? 5 : unread ? 3 : 0) + Math.max(0, 5 - days / 2)
}

/** Everything one can jump to, best first. A person one already talks with is that conversation, not a second row. */
export function switcherTargets(sources: Sources, now: number): Target[] {
  const { query, meId, channels, people, foundChannels, foundPeople, openChannel, openPerson } = sources
  const talkedWith = new Set<string>()
  const fromChannels = channels
    .filter((channel) => !channel.archived_at)
    .map((channel) => {
      const { unread, count } = signalOf(channel)
      const direct = channel.kind === 'direct'
      const ids = direct ? counterparts(channel, meId) : []
      const persons = ids.map((id) => people[id]).filter((person) => person !== undefined)
      const one = direct && ids.length === 1 ? persons[0] : undefined
      if (one) talkedWith.add(one.id)
      const target: Target = {
        key: channel.id,
        kind: 'channel',
        label: direct ? directName(persons) : (channel.name ?? ''),
        note: one ? `@${one.handle}` : channel.topic || undefined,
        isPrivate: channel.kind === 'private',
        direct: direct ? (one ? 'one' : 'group') : undefined,
        people: ids.length,
        personId: one?.id,
        avatar: one?.avatar_url,
        unread,
        count,
        open: () => openChannel(channel.id),
      }
      const texts = direct
        ? [target.label, ...persons.flatMap((person) => [person.display_name, person.handle])]
        : [target.label]
      return { texts, bonus: likely(channel, now), target }
    })
  const known = new Set(channels.map((channel) => channel.id))
  const fromBrowse = foundChannels
    .filter((channel) => !known.has(channel.id))
    .map((channel) => ({
      texts: [channel.name ?? ''],
      bonus: -10,
      target: {
        key: channel.id,
        kind: 'channel',
        label: channel.name ?? '',
        note: sources.notJoined,
        unread: false,
        count: 0,
        open: () => openChannel(channel.id),
      } satisfies Target,
    }))
  const everybody = new Map([...Object.values(people), ...foundPeople].map((person) => [person.id, person]))
  const fromPeople = [...everybody.values()]
    .filter((person) => !talkedWith.has(person.id))
    .map((person) => ({
      texts: [person.display_name, person.handle],
      bonus: -2,
      target: {
        key: person.id,
        kind: 'person',
        label: person.display_name,
        note: `@${person.handle}`,
        personId: person.id,
        avatar: person.avatar_url,
        unread: false,
        count: 0,
        open: () => openPerson(person.id),
      } satisfies Target,
    }))
  return rank([...fromChannels, ...fromBrowse, ...fromPeople], query.replace(/^[#@]/, ''), SHOWN).map(
    (candidate) => candidate.target,
  )
}
