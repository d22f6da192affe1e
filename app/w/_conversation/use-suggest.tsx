'use client'

import { Hash, Megaphone } from 'lucide-react'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import { channels } from '@/features/channels/store'
import type { Suggest, Suggestion } from '@/features/composer/use-suggestions'
import { listMembers } from '@/features/profiles/queries'
import type { Person } from '@/features/profiles/schema'
import { applyPeople, people } from '@/features/profiles/store'
import type { ChatSession } from '../[slug]/_sync/session'
import { PersonAvatar } from './people-parts'

/** Names for the composer: people and channels known here at once, more people from the server after it. */
export function useSuggest(session: ChatSession, channel: Channel): Suggest {
  const t = useTranslations('composer')
  return useCallback<Suggest>(
    (sigil, query, answer) => {
      const words = query.toLowerCase()
      if (sigil === '#') return answer(channelSuggestions(channel.workspace_id, words))
      const group: Suggestion[] =
        channel.kind !== 'direct' && 'channel'.startsWith(words)
          ? [
              {
                key: 'channel',
                insert: '@channel',
                label: '@channel',
                note: t('everyone'),
                icon: <Megaphone size={16} />,
              },
            ]
          : []
      const known = Object.values(people.get().byId).filter((person) => matches(person, words))
      const show = (list: Person[]) => answer([...list.map(personSuggestion), ...group])
      show(sortPeople(known, words))
      // An empty list at the first "@" would jump when the answer comes; from one letter on it is worth asking.
      if (!words) return
      listMembers(session.client, channel.workspace_id, query).then(
        (found) => {
          applyPeople(found)
          const ids = new Set(known.map((person) => person.id))
          show(sortPeople([...known, ...found.filter((person) => !ids.has(person.id))], words))
        },
        () => {},
      )
    },
    [session, channel.workspace_id, channel.kind, t],
  )
}

function matches(person: Person, words: string): boolean {
  if (person.handle.toLowerCase().startsWith(words)) return true
  return person.display_name
    .toLowerCase()
    .split(/\s+/)
    .some((part) => part.startsWith(words))
}

function sortPeople(list: Person[], words: string): Person[] {
  const rank = (person: Person) => (person.handle.startsWith(words) ? 0 : 1)
  return list.sort((a, b) => rank(a) - rank(b) || a.display_name.localeCompare(b.display_name))
}

const personSuggestion = (person: Person): Suggestion => ({
  key: person.id,
  insert: `@${person.handle}`,
  label: person.display_name,
  note: `@${person.handle}`,
  icon: <PersonAvatar userId={person.id} size={22} />,
})

function channelSuggestions(workspaceId: string, words: string): Suggestion[] {
  return Object.values(channels.get().byId)
    .filter((one) => one.workspace_id === workspaceId && one.name?.startsWith(words) && !one.archived_at)
    .sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''))
    .map((one) => ({
      key: one.id,
      insert: `#${one.name}`,
      label: one.name ?? '',
      note: one.topic,
      icon: <Hash size={16} />,
    }))
}
