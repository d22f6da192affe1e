'use client'

import { useTranslations } from 'use-intl'
import { useStore } from '@/lib/store'
import type { Typing } from './typing'

type Props = { typing: Typing; threadId: string | null; useNames(ids: string[]): string[] }

/** "Ada is typing", up to two names, then several people. */
export function TypingLine({ typing, threadId, useNames }: Props) {
  const t = useTranslations('presence')
  const ids = useStore(typing.store, (all) =>
    all.filter((typist) => (typist.thread_id ?? null) === threadId).map((typist) => typist.user_id),
  )
  const names = useNames(ids.slice(0, 2))
  const text =
    ids.length > 2
      ? t('typingMany')
      : names.length === 2
        ? t('typingTwo', { first: names[0] ?? '', second: names[1] ?? '' })
        : names.length === 1
          ? t('typingOne', { name: names[0] ?? '' })
          : ''
  return (
    <span aria-live="off" className="block truncate">
      {text}
    </span>
  )
}
