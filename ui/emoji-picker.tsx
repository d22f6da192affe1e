'use client'

import { useEffect, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { COMMON_EMOJI, type Emoji, emojiTable, loadEmoji, searchEmoji } from '@/lib/emoji/emoji'
import { useStore } from '@/lib/store'
import { EmojiGrid } from './emoji-grid'

type Props = { onPick(emoji: string): void }

const FOUND = 63

/** Search over everything; before that, the usual ones and the categories. */
export function EmojiPicker({ onPick }: Props) {
  const t = useTranslations('ui')
  const [query, setQuery] = useState('')
  const table = useStore(emojiTable, (value) => value)
  useEffect(() => void loadEmoji(), [])
  const groups = useMemo(() => {
    const words = query.trim()
    if (words) return [{ title: '', emoji: searchEmoji(table, words, FOUND) }]
    const byCategory = new Map<string, Emoji[]>()
    for (const item of table.all) {
      const group = byCategory.get(item.category)
      if (group) group.push(item)
      else if (item.category) byCategory.set(item.category, [item])
    }
    const usual = COMMON_EMOJI.map(
      (emoji): Emoji => ({ emoji, names: [table.nameOf.get(emoji) ?? emoji], tags: [], category: '' }),
    )
    return [
      { title: t('emojiUsual'), emoji: usual },
      ...[...byCategory].map(([title, emoji]) => ({ title, emoji })),
    ]
  }, [table, query, t])
  return (
    <div className="flex h-80 w-[19.5rem] max-w-[calc(100vw-2rem)] flex-col">
      <div className="border-b p-2">
        <input
          // biome-ignore lint/a11y/noAutofocus: the panel was opened to choose, and typing is the quickest way
          autoFocus
          type="search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            const first = groups[0]?.emoji[0]
            if (event.key === 'Enter' && query && first) {
              event.preventDefault()
              onPick(first.emoji)
            }
          }}
          placeholder={t('emojiSearch')}
          aria-label={t('emojiSearch')}
          className="h-8 w-full rounded-control border bg-ground px-2.5 text-nav leading-5"
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">
        {groups.map((group) => (
          <EmojiGrid key={group.title} title={group.title} emoji={group.emoji} onPick={onPick} />
        ))}
        {query && !groups[0]?.emoji.length && (
          <p className="p-4 text-center text-quiet text-sm">{t('emojiNone')}</p>
        )}
      </div>
    </div>
  )
}
