'use client'

import { Hash, Lock } from 'lucide-react'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import { browseChannels } from '@/features/channels/queries'
import type { Channel } from '@/features/channels/schema'
import { channels } from '@/features/channels/store'
import { listMembers } from '@/features/profiles/queries'
import type { Person } from '@/features/profiles/schema'
import { applyPeople, people } from '@/features/profiles/store'
import { FILTERS, VALUES } from '@/features/search/completion'
import type { Complete, Completion } from '@/features/search/use-completion'
import type { Workspace } from '@/features/workspaces/schema'
import { rank } from '@/lib/rank'
import { PersonAvatar } from '../_conversation/people-parts'
import type { ChatSession } from '../[slug]/_sync/session'

const FOUND = 7

type Named = Pick<Channel, 'id' | 'name' | 'kind'>

/** Filters, people and channels for the search field: what is known here at once, more from the server after it. */
export function useCompletions({ client }: ChatSession, workspace: Workspace): Complete {
  const t = useTranslations('search')
  const { id: workspaceId, role } = workspace
  return useCallback<Complete>(
    (typing, answer) => {
      const { text } = typing
      if (typing.kind === 'filter') {
        const fitting = FILTERS.filter(({ insert }) => insert.startsWith(text) && insert !== text)
        return answer(
          fitting.map(({ insert, key }) => ({ key, insert, label: insert, note: t(`filter_${key}`) })),
        )
      }
      if (typing.kind === 'value') {
        const fitting = VALUES[typing.filter].filter((value) => value.startsWith(text) && value !== text)
        return answer(fitting.map((value) => ({ key: value, ...written(`${typing.filter}:${value}`) })))
      }
      if (typing.kind === 'place') {
        const mine = Object.values(channels.get().byId).filter((one) => one.workspace_id === workspaceId)
        answer(placesFor(mine, text))
        if (role === 'guest' || !text) return
        browseChannels(client, workspaceId, text, null, FOUND).then(
          (found) => answer(placesFor([...mine, ...found], text)),
          () => {},
        )
        return
      }
      const { byId, meId } = people.get()
      const known = Object.values(byId)
      const me = meId && typing.filter === 'from' && 'me'.startsWith(text)
      const own: Completion[] = me ? [{ key: 'me', ...written('from:me'), note: t('yourself') }] : []
      const show = (list: Person[]) => answer([...own, ...peopleFor(list, text, typing.filter)])
      show(known)
      if (!text) return
      listMembers(client, workspaceId, text).then(
        (found) => {
          applyPeople(found)
          show([...known, ...found])
        },
        () => {},
      )
    },
    [client, workspaceId, role, t],
  )
}

const written = (insert: string) => ({ insert, label: insert })

function placesFor(list: Named[], text: string): Completion[] {
  const unique = [...new Map(list.map((one) => [one.id, one])).values()]
  const candidates = unique.flatMap((channel) =>
    channel.name ? [{ texts: [channel.name], bonus: 0, channel }] : [],
  )
  return rank(candidates, text, FOUND).map(({ channel }) => ({
    key: channel.id,
    insert: `in:#${channel.name}`,
    label: channel.name ?? '',
    icon: channel.kind === 'private' ? <Lock size={15} /> : <Hash size={15} />,
  }))
}

function peopleFor(list: Person[], text: string, filter: string): Completion[] {
  const unique = [...new Map(list.map((person) => [person.id, person])).values()]
  const candidates = unique.map((person) => ({
    texts: [person.display_name, person.handle],
    bonus: 0,
    person,
  }))
  return rank(candidates, text, FOUND).map(({ person }) => ({
    key: person.id,
    insert: `${filter}:@${person.handle}`,
    label: person.display_name,
    note: `@${person.handle}`,
    icon: <PersonAvatar userId={person.id} size={22} />,
  }))
}
