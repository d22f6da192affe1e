'use client'

import type { Channel } from '@/features/channels/schema'
import { people, usePerson } from '@/features/profiles/store'
import { useStore } from '@/lib/store'
import { Avatar } from '@/ui/avatar'
import { counterparts } from '../channel-label'
import { PresenceDot } from '../presence-dot'

type Props = { channel: Pick<Channel, 'member_ids'>; size: number }

/** One person's face with their presence, or the number of people. */
export function DirectAvatar({ channel, size }: Props) {
  const meId = useStore(people, (state) => state.meId)
  const others = counterparts(channel, meId)
  const person = usePerson(others[0])
  if (others.length > 1) {
    return (
      <span
        aria-hidden
        data-figures
        className="grid size-4.5 shrink-0 place-items-center rounded-control bg-hover font-semibold text-soft text-xs leading-none"
      >
        {others.length}
      </span>
    )
  }
  return (
    <Avatar
      name={person?.display_name ?? ''}
      colorKey={others[0]}
      src={person?.avatar_url}
      size={size}
      badge={<PresenceDot userId={others[0]} ring="ring-sunken" />}
    />
  )
}
