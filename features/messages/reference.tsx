'use client'

import { clsx } from 'clsx'
import { useHost } from './host'

type Props = { sigil: string; name: string; mentions: readonly string[]; all: boolean }

const GROUPS = new Set(['channel', 'here', 'everyone'])

/** `@handle` of somebody the message mentions, or `#channel`; everything else is what was written. */
export function Reference({ sigil, name, mentions, all }: Props) {
  return sigil === '#' ? (
    <ChannelReference name={name} />
  ) : GROUPS.has(name.toLowerCase()) ? (
    all ? (
      <mark className={pill(true)}>@{name}</mark>
    ) : (
      `@${name}`
    )
  ) : (
    <PersonReference name={name} mentions={mentions} />
  )
}

function PersonReference({ name, mentions }: { name: string; mentions: readonly string[] }) {
  const host = useHost()
  const people = host.usePeople(mentions as string[])
  const person = people.find((one) => one.handle.toLowerCase() === name.toLowerCase())
  if (!person) return `@${name}`
  return (
    <button type="button" onClick={() => host.openPerson(person.id)} className={pill(person.id === host.me)}>
      @<bdi>{person.display_name}</bdi>
    </button>
  )
}

function ChannelReference({ name }: { name: string }) {
  const host = useHost()
  const href = host.useChannelLink(name.toLowerCase())
  if (!href) return `#${name}`
  return (
    <a href={href} className={pill(false)}>
      #{name}
    </a>
  )
}

const pill = (strong: boolean) =>
  clsx(
    'rounded-[4px] px-[3px] py-px font-medium',
    strong ? 'bg-warning-fill text-warning-ink' : 'bg-accent-fill text-accent-ink hover:bg-accent-fill-hover',
  )
