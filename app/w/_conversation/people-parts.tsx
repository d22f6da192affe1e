'use client'

import { useEffect, useMemo } from 'react'
import { currentStatus } from '@/features/profiles/schema'
import { ensureProfiles, usePeople, usePerson } from '@/features/profiles/store'
import { Avatar } from '@/ui/avatar'
import { Name } from '@/ui/name'
import { tooltip } from '@/ui/tooltip'
import { openPane } from '../_frame/location'

/** A person by id, loaded when nobody has yet. */
export function useKnownPerson(id: string) {
  const person = usePerson(id)
  useEffect(() => {
    if (id && !person) ensureProfiles([id])
  }, [id, person])
  return person
}

export function useKnownPeople(ids: string[]) {
  const people = usePeople(ids)
  const key = ids.join()
  useEffect(() => {
    if (key) ensureProfiles(key.split(','))
  }, [key])
  return people
}

export function useNames(ids: string[]): string[] {
  const people = useKnownPeople(ids)
  return useMemo(() => people.map((person) => person.display_name), [people])
}

export function PersonAvatar({ userId, size }: { userId: string; size: number }) {
  const person = useKnownPerson(userId)
  return <Avatar name={person?.display_name ?? ''} colorKey={userId} src={person?.avatar_url} size={size} />
}

/** The name above a message; leads to the person. */
export function AuthorName({ userId }: { userId: string }) {
  const person = useKnownPerson(userId)
  const status = person && currentStatus(person, Date.now())
  return (
    <span className="flex min-w-0 items-baseline gap-1.5">
      <button
        type="button"
        onClick={() => openPane('person', userId)}
        className="flex min-w-0 rounded-[4px] font-semibold hover:underline"
      >
        <Name>{person?.display_name ?? '…'}</Name>
      </button>
      {status?.emoji && (
        <span {...tooltip(status.text || status.emoji)} className="text-sm">
          {status.emoji}
        </span>
      )}
    </span>
  )
}
