'use client'

import type { ReactNode } from 'react'
import { Avatar } from '@/ui/avatar'
import { Name } from '@/ui/name'
import type { Person } from './schema'

type Props = {
  person: Pick<Person, 'id' | 'display_name' | 'handle' | 'avatar_url'>
  size?: number
  /** Beside the face: presence. */
  badge?: ReactNode
  /** After the name: "you", a role. */
  tag?: ReactNode
  /** Instead of the handle. */
  note?: ReactNode
}

/** Face, name, handle: how a person stands in a list. */
export function PersonRow({ person, size = 36, badge, tag, note }: Props) {
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3">
      <Avatar
        name={person.display_name}
        colorKey={person.id}
        src={person.avatar_url}
        size={size}
        badge={badge}
      />
      <span className="grid min-w-0 flex-1">
        <span className="flex min-w-0 items-center gap-2">
          <Name className="font-medium text-base">{person.display_name}</Name>
          {tag}
        </span>
        <span className="truncate text-quiet text-sm">{note ?? `@${person.handle}`}</span>
      </span>
    </span>
  )
}
