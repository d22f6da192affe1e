'use client'

import { useTranslations } from 'use-intl'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'

const widths = ['w-24', 'w-32', 'w-20', 'w-28', 'w-36', 'w-24']

/** The frame's geometry while the workspace is on its way. */
export function FrameSkeleton() {
  const t = useTranslations('ui')
  return (
    <Late label={t('loading')} className="h-dvh overflow-hidden">
      <div className="flex h-full">
        <div className="w-full border-e bg-sunken p-4 md:w-66">
          <Skeleton className="h-6 w-40" />
          <div className="mt-8 grid gap-4">
            {widths.map((width, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
              <Skeleton key={index} className={`h-4 ${width}`} />
            ))}
          </div>
        </div>
        <div className="hidden flex-1 flex-col md:flex">
          <div className="flex h-13 items-center border-b px-5">
            <Skeleton className="h-5 w-44" />
          </div>
        </div>
      </div>
    </Late>
  )
}
