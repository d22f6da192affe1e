'use client'

import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button'

type Props = { onMore(): void; busy: boolean }

/** At the end of a list: asks for the next page when it is about to be seen; a button for those who do not scroll. */
export function LoadMore({ onMore, busy }: Props) {
  const t = useTranslations('ui')
  const end = useRef<HTMLDivElement>(null)
  const ask = useRef(onMore)
  ask.current = onMore
  useEffect(() => {
    if (!end.current) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && ask.current(), {
      rootMargin: '400px',
    })
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={end} className="grid place-items-center py-4">
      <Button size="sm" variant="quiet" busy={busy} onClick={onMore}>
        {t('more')}
      </Button>
    </div>
  )
}
