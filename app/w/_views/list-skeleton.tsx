'use client'

import { useTranslations } from 'use-intl'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'

const widths = ['w-40', 'w-32', 'w-48', 'w-36', 'w-28', 'w-44', 'w-40', 'w-32']

/** Rows of people or channels that are on their way. */
export function ListSkeleton({ rows = 6 }: { rows?: number }) {
  const t = useTranslations('ui')
  return (
    <Late label={t('loading')}>
      <div>
        {widths.slice(0, rows).map((width, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
          <div key={index} className="flex h-13 items-center gap-3">
            <Skeleton round className="size-9 shrink-0" />
            <div className="grid gap-1.5">
              <Skeleton className={`h-4 ${width}`} />
              <Skeleton className="h-3 w-24" />
            </div>
          </div>
        ))}
      </div>
    </Late>
  )
}
