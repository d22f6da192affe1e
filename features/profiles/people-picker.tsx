'use client'

import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { getSupabase } from '@/lib/supabase/client'
import { useDebounced } from '@/lib/use-debounced'
import { usePages } from '@/lib/use-pages'
import { Avatar } from '@/ui/avatar'
import { controlClass } from '@/ui/field'
import { PersonRow } from './person-row'
import { listMembers } from './queries'
import type { Person } from './schema'
import { applyPeople } from './store'

type Props = {
  workspaceId: string
  label: string
  chosen: Person[]
  onChange(chosen: Person[]): void
  /** Not offered: people who are there already. */
  without?: (person: Person) => boolean
  max?: number
  renderBadge?(person: Person): ReactNode
}

const MAX_OPTIONS = 50

/** Searches people by name or handle and collects them as chips. Enter takes, Backspace gives the last one back. */
export function PeoplePicker({
  workspaceId,
  label,
  chosen,
  onChange,
  without,
  max = 20,
  renderBadge,
}: Props) {
  const t = useTranslations('profiles')
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const search = useDebounced(query.trim(), 120)
  const { items, phase } = usePages(`${workspaceId} ${search}`, async () => {
    const people = await listMembers(await getSupabase(), workspaceId, search)
    applyPeople(people)
    return people
  })
  const options = items
    .filter((person) => !without?.(person) && !chosen.some((one) => one.id === person.id))
    .slice(0, MAX_OPTIONS)
  const index = Math.min(active, options.length - 1)
  const full = chosen.length >= max

  useEffect(() => {
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' })
  }, [index])

  const take = (person: Person | undefined) => {
    if (!person || full) return
    onChange([...chosen, person])
    setQuery('')
    setActive(0)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step) {
      event.preventDefault()
      setActive((index + step + options.length) % Math.max(1, options.length))
    } else if (event.key === 'Enter' && (query || chosen.length === 0)) {
      event.preventDefault()
      take(options[index])
    } else if (event.key === 'Backspace' && !query) onChange(chosen.slice(0, -1))
  }

  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className={clsx(controlClass(false), 'flex flex-wrap gap-1.5 p-1.5')}>
        {chosen.map((person) => (
          <span
            key={person.id}
            className="flex max-w-full items-center gap-1.5 rounded-full bg-accent-fill ps-1 text-accent-ink text-sm"
          >
            <Avatar name={person.display_name} colorKey={person.id} src={person.avatar_url} size={20} />
            <bdi className="truncate font-medium">{person.display_name}</bdi>
            <button
              type="button"
              aria-label={t('unpick', { name: person.display_name })}
              onClick={() => onChange(chosen.filter((one) => one.id !== person.id))}
              className="grid size-7 place-items-center rounded-full hover:bg-accent-fill-hover"
            >
              <X size={14} aria-hidden />
            </button>
          </span>
        ))}
        <input
          role="combobox"
          aria-label={label}
          aria-expanded={options.length > 0}
          aria-controls={id}
          aria-activedescendant={options[index] ? `${id}-${options[index].id}` : undefined}
          placeholder={chosen.length === 0 ? label : ''}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setActive(0)
          }}
          onKeyDown={keys}
          className="h-7 min-w-32 flex-1 bg-transparent px-1.5 text-base outline-none pointer-coarse:text-[16px]"
        />
      </div>
      <div ref={list} id={id} role="listbox" aria-label={label} className="-mx-2 h-64 overflow-y-auto">
        {options.map((person, place) => (
          <div
            key={person.id}
            id={`${id}-${person.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={place === index}
            aria-disabled={full || undefined}
            onPointerMove={() => setActive(place)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(person)}
            onKeyDown={keys}
            className={clsx('flex cursor-pointer rounded-control px-2 py-1.5', place === index && 'bg-hover')}
          >
            <PersonRow person={person} size={32} badge={renderBadge?.(person)} />
          </div>
        ))}
        {phase === 'ready' && options.length === 0 && (
          <p className="px-2 py-6 text-center text-quiet">{query ? t('nobody') : t('everybody')}</p>
        )}
      </div>
    </div>
  )
}
