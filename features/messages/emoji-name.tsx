'use client'

import { useEffect } from 'react'
import { emojiTable, loadEmoji } from '@/lib/emoji/emoji'
import { useStore } from '@/lib/store'

/** `:name:` as its emoji; what nobody knows stays as written. */
export function EmojiName({ name }: { name: string }) {
  const emoji = useStore(emojiTable, (table) => table.byName.get(name))
  useEffect(() => {
    if (!emoji) void loadEmoji()
  }, [emoji])
  return emoji ?? `:${name}:`
}
