'use client'

import { useTranslations } from 'use-intl'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'

const WIDTHS = [['62%'], ['88%', '45%'], ['34%'], ['71%', '80%', '28%'], ['52%'], ['83%', '40%']]

/** Rows of the real geometry. */
export function TimelineSkeleton() {
  const t = useTranslations('messages')
  return (
    <Late label={t('loading')} className="flex min-h-0 flex-1 flex-col justify-end overflow-hidden pb-4">
      <div>
        <SkeletonRows count={WIDTHS.length} />
      </div>
    </Late>
  )
}

/** In the place of older messages that are on their way. */
export function SkeletonRows({ count }: { count: number }) {
  return WIDTHS.slice(0, count).map((lines) => (
    <div key={lines.join()} className="flex gap-3 px-3 py-2 md:px-5" aria-hidden>
      <Skeleton round className="size-9 shrink-0" />
      <div className="grid max-w-[46rem] flex-1 gap-2 py-1">
        <Skeleton className="h-3 w-28" />
        {lines.map((width) => (
          <span key={width} style={{ width }}>
            <Skeleton className="h-3.5" />
          </span>
        ))}
      </div>
    </div>
  ))
}
