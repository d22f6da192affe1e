import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { MAX_PDF_BYTES, openPdf, type Pdf, PdfRefused } from './pdf-document'
import { getBytes } from './queries'
import type { Attachment } from './schema'

/** A document for as long as it is looked at; or why it is not shown, as a sentence. */
export function usePdf(client: AppClient, channelId: string, attachment: Attachment) {
  const t = useTranslations('attachments')
  const errorText = useErrorText()
  const [pdf, setPdf] = useState<Pdf | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const large = attachment.size > MAX_PDF_BYTES
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the id stands for never changes
  useEffect(() => {
    if (large) return
    let gone = false
    let open: Pdf | undefined
    const show = async () => {
      const bytes = await getBytes(client, channelId, attachment)
      if (gone) return
      open = await openPdf(bytes)
      if (gone) open.close()
      else setPdf(open)
    }
    show().catch((reason: unknown) => {
      if (gone) return
      setProblem(reason instanceof PdfRefused ? t(`pdf_${reason.problem}`) : errorText(reason))
    })
    return () => {
      gone = true
      open?.close()
    }
  }, [attachment.id, large])
  return { pdf, problem: large ? t('tooLongToShow') : problem }
}
