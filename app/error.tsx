'use client'

import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { isMissingCode, leaveStaleBuild } from '@/lib/stale-build'
import { Button } from '@/ui/button'
import { FullPage } from '@/ui/full-page'

type Props = { error: unknown }

/** What is left when a screen could not be drawn. Where the server has another build by now, the page begins anew. */
export default function ErrorScreen({ error }: Props) {
  const t = useTranslations('app')
  useEffect(() => {
    if (isMissingCode(error)) void leaveStaleBuild()
  }, [error])
  return (
    <FullPage
      title={t('failed')}
      text={t('failedText')}
      action={
        <Button variant="primary" onClick={() => window.location.reload()}>
          {t('loadAgain')}
        </Button>
      }
    />
  )
}
