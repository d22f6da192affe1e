'use client'

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { emojiTable, loadEmoji, searchEmoji } from '@/lib/emoji/emoji'
import type { Trigger } from './trigger'

export type Suggestion = {
  key: string
  /** What is written in place of what was typed. */
  insert: string
  label: string
  note?: string
  icon?: ReactNode
}

/** Names for `@` and `#`; may answer twice: at once from what is known, later from the server. */
export type Suggest = (sigil: '@' | '#', query: string, answer: (list: Suggestion[]) => void) => void

const MOST = 8

/** The list under what is being typed, and which of it is chosen. */
export function useSuggestions(suggest: Suggest) {
  const [trigger, setTrigger] = useState<Trigger | null>(null)
  const [list, setList] = useState<Suggestion[]>([])
  const [active, setActive] = useState(0)
  const asked = useRef(0)
  const dismissed = useRef<number | null>(null)

  useEffect(() => {
    const round = ++asked.current
    const answer = (found: Suggestion[]) => {
      if (round !== asked.current) return
      setList(found.slice(0, MOST))
      setActive((index) => Math.min(index, Math.max(0, found.length - 1)))
    }
    if (!trigger) return answer([])
    if (trigger.sigil !== ':') return suggest(trigger.sigil, trigger.query, answer)
    const find = () => answer(findEmoji(trigger.query))
    find()
    void loadEmoji().then(find)
  }, [trigger, suggest])

  const look = (next: Trigger | null) => {
    if (next && dismissed.current === next.from) return
    if (!next) dismissed.current = null
    if (next?.query !== trigger?.query || next?.from !== trigger?.from || next?.sigil !== trigger?.sigil) {
      setTrigger(next)
      setActive(0)
    }
  }

  const close = () => {
    dismissed.current = trigger?.from ?? null
    setTrigger(null)
    setList([])
  }

  const open = trigger !== null && list.length > 0
  const move = (step: number) => setActive((index) => (index + step + list.length) % list.length)
  return { open, trigger, list, active, look, close, move }
}

function findEmoji(query: string): Suggestion[] {
  return searchEmoji(emojiTable.get(), query, MOST).map((item) => ({
    key: item.emoji,
    insert: item.emoji,
    label: `:${item.names[0]}:`,
    icon: item.emoji,
  }))
}
