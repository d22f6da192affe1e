'use client'

import { clsx } from 'clsx'
import { SmilePlus } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { EmojiPicker } from '@/ui/emoji-picker'
import { Popover } from '@/ui/popover'
import { tooltip } from '@/ui/tooltip'
import type { Reactions } from './toggle'

type Props = {
  reactions: Reactions
  me: string
  canReact: boolean
  useNames(ids: string[]): string[]
  onToggle(emoji: string): void
}

/** Pills under a message. Draws nothing where nobody reacted. */
export function ReactionBar({ reactions, me, canReact, useNames, onToggle }: Props) {
  const t = useTranslations('reactions')
  const entries = Object.entries(reactions).filter(([, people]) => people.length)
  if (!entries.length) return null
  return (
    <div className="mt-1 flex flex-wrap gap-1">
      {entries.map(([emoji, people]) => (
        <Pill
          key={emoji}
          emoji={emoji}
          people={people}
          mine={people.includes(me)}
          me={me}
          disabled={!canReact}
          useNames={useNames}
          onClick={() => onToggle(emoji)}
        />
      ))}
      {canReact && (
        <Popover
          label={t('add')}
          trigger={
            <button
              type="button"
              aria-label={t('add')}
              className="touch-target grid h-6.5 w-8 place-items-center rounded-full text-quiet opacity-0 hover:bg-hover focus-visible:opacity-100 aria-expanded:opacity-100 group-hover/row:opacity-100 pointer-coarse:opacity-100"
            >
              <SmilePlus size={15} />
            </button>
          }
        >
          {(close) => (
            <EmojiPicker
              onPick={(emoji) => {
                close()
                onToggle(emoji)
              }}
            />
          )}
        </Popover>
      )}
    </div>
  )
}

type PillProps = {
  emoji: string
  people: string[]
  mine: boolean
  me: string
  disabled: boolean
  useNames(ids: string[]): string[]
  onClick(): void
}

const NAMED = 12

function Pill({ emoji, people, mine, me, disabled, useNames, onClick }: PillProps) {
  const t = useTranslations('reactions')
  const others = people.filter((id) => id !== me)
  const named = useNames(others.slice(0, NAMED))
  const names = mine ? [...named, t('you')] : named
  const more = people.length - names.length
  const who = t('who', { names: names.join(', '), more, emoji })
  return (
    <button
      type="button"
      aria-pressed={mine}
      disabled={disabled}
      onClick={onClick}
      {...tooltip(who, { side: 'top' })}
      className={clsx(
        'touch-target flex h-6.5 items-center gap-1.5 rounded-full border px-2 text-sm',
        mine
          ? 'border-accent-line bg-accent-fill font-medium text-accent-ink enabled:hover:bg-accent-fill-hover'
          : 'border-transparent bg-fill enabled:hover:border-line-strong',
      )}
    >
      <span className="text-[0.9375rem] leading-none">{emoji}</span>
      <span data-figures>{people.length}</span>
      <span className="sr-only">{who}</span>
    </button>
  )
}
