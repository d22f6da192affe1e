'use client'

import { useTranslations } from 'use-intl'

/** Stands between the root and its replies. */
export function ReplyCount({ count }: { count: number }) {
  const t = useTranslations('threads')
  return (
    <div className="flex items-center gap-3 px-3 pt-2 pb-1 md:px-5">
      <span className="text-quiet text-xs">{count ? t('replies', { count }) : t('none')}</span>
      <span className="h-px flex-1 bg-line" />
    </div>
  )
}
