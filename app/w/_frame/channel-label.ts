import { useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import type { Person } from '@/features/profiles/schema'
import { people } from '@/features/profiles/store'
import { useStore } from '@/lib/store'

type Named = Pick<Channel, 'kind' | 'name' | 'member_ids'>

/** The people a direct conversation is with: everybody else in it; oneself when it is notes to self. */
export function counterparts(channel: Pick<Channel, 'member_ids'>, meId: string | null) {
  const others = channel.member_ids.filter((id) => id !== meId)
  return others.length > 0 ? others : channel.member_ids
}

const first = (name: string) => name.split(/\s/u)[0] ?? name

/** The name of one person in full, of several by their first names. */
export function directName(persons: Pick<Person, 'display_name'>[]) {
  if (persons.length === 1) return persons[0]?.display_name ?? ''
  return persons.map((person) => first(person.display_name)).join(', ')
}

/** What a channel is called on this person's screen. */
export function useChannelLabel(channel: Named | null): string {
  const t = useTranslations('channels')
  // Picked as text: a row is drawn again when its name is another, not whenever somebody is heard of.
  return useStore(people, ({ byId, meId }) => {
    if (!channel) return ''
    if (channel.kind !== 'direct') return channel.name ?? ''
    const ids = counterparts(channel, meId)
    const persons = ids.map((id) => byId[id]).filter((person) => person !== undefined)
    if (persons.length === 0) return t('someone')
    const name = directName(persons)
    return ids.length === 1 && ids[0] === meId ? t('notesToSelf', { name }) : name
  })
}
