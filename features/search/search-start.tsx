'use client'

import { Clock } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '@/ui/button'
import { Name } from '@/ui/name'
import { FILTERS } from './completion'
import { forgetSearches, recentSearches } from './recent'

type Props = { meId: string; onSearch(text: string): void; onFilter(insert: string): void }

/** Before anything is searched for: what was searched for last, and what a search can be made of. */
export function SearchStart({ meId, onSearch, onFilter }: Props) {
  const t = useTranslations('search')
  const [recent, setRecent] = useState(() => recentSearches(meId))
  const clear = () => {
    forgetSearches(meId)
    setRecent([])
  }
  const row =
    'flex w-full min-w-0 items-center gap-3 rounded-control px-3 py-1.5 text-start hover:bg-hover pointer-coarse:min-h-11'
  return (
    <div className="grid gap-5 py-2">
      {recent.length > 0 && (
        <section aria-label={t('recent')}>
          <div className="flex items-center justify-between ps-3">
            <h2 className="font-medium text-quiet text-sm">{t('recent')}</h2>
            <Button size="sm" variant="quiet" onClick={clear}>
              {t('forget')}
            </Button>
          </div>
          <ul>
            {recent.map((text) => (
              <li key={text}>
                <button type="button" className={row} onClick={() => onSearch(text)}>
                  <Clock size={15} aria-hidden className="shrink-0 text-quiet" />
                  <Name>{text}</Name>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label={t('filters')}>
        <h2 className="px-3 pb-1 font-medium text-quiet text-sm">{t('filters')}</h2>
        <ul>
          {FILTERS.map(({ insert, key }) => (
            <li key={key}>
              <button type="button" className={row} onClick={() => onFilter(insert)}>
                <code className="w-24 shrink-0 font-mono text-accent-ink text-sm">{insert}</code>
                <span className="text-soft text-sm">{t(`filter_${key}`)}</span>
              </button>
            </li>
          ))}
        </ul>
        <p className="px-3 pt-3 text-quiet text-sm">{t('howTo')}</p>
      </section>
    </div>
  )
}
