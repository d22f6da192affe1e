'use client'

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type Typing, typingAt } from './completion'

export type Completion = { key: string; insert: string; label: string; note?: string; icon?: ReactNode }

/** What can be written in place of what is being typed; may answer twice: at once, and later from the server. */
export type Complete = (typing: Typing, answer: (list: Completion[]) => void) => void

const MOST = 7

/** The list under the field, and which of it is chosen; -1: none, and Enter searches. */
export function useCompletion(completions: Complete) {
  const [typing, setTyping] = useState<Typing | null>(null)
  const [list, setList] = useState<Completion[]>([])
  const [active, setActive] = useState(-1)
  const asked = useRef(0)

  useEffect(() => {
    const round = ++asked.current
    const answer = (found: Completion[]) => {
      if (round !== asked.current) return
      setList(found.slice(0, MOST))
      // A filter's value is meant to be chosen; any word may be the beginning of a filter and is not.
      setActive(typing && typing.kind !== 'filter' && found.length > 0 ? 0 : -1)
    }
    if (typing) completions(typing, answer)
    else answer([])
  }, [typing, completions])

  const look = (text: string, caret: number) => {
    const next = typingAt(text, caret)
    setTyping((current) => (JSON.stringify(current) === JSON.stringify(next) ? current : next))
  }
  const close = () => setTyping(null)
  const move = (step: 1 | -1) =>
    setActive((index) =>
      index < 0 ? (step === 1 ? 0 : list.length - 1) : (index + step + list.length) % list.length,
    )
  return { typing, list, open: typing !== null && list.length > 0, active, look, close, move }
}
