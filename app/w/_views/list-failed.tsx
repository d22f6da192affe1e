'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'

/** In the place of rows that could not be read: why, and once more. */
export function ListFailed({ error, retry }: { error: unknown; retry(): void }) {
  const t = useTranslations('app')
  const errorText = useErrorText()
  return (
    <ErrorNotice
      action={
        <Button size="sm" variant="quiet" onClick={retry}>
          {t('retry')}
        </Button>
      }
    >
      {errorText(error)}
    </ErrorNotice>
  )
}
