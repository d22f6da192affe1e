'use client'

import { type ReactNode, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { Spinner } from '@/ui/spinner'
import { getBytes } from './queries'
import { type Attachment, extensionOf } from './schema'

export type TextPreviewProps = { client: AppClient; channelId: string; attachment: Attachment }

/** More is for an editor: it is shown up to here. */
const SHOWN_BYTES = 200_000
const LOADED_BYTES = 2_000_000
/** The beginning of a text, coloured as its ending says. */
export default function TextPreview({ client, channelId, attachment }: TextPreviewProps) {
  const t = useTranslations('attachments')
  const errorText = useErrorText()
  const [text, setText] = useState<ReactNode>(null)
  const [error, setError] = useState<string | null>(null)
  const large = attachment.size > LOADED_BYTES
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the id stands for never changes
  useEffect(() => {
    if (large) return
    let gone = false
    getBytes(client, channelId, attachment)
      .then(async (blob) => {
        const loaded = await blob.slice(0, SHOWN_BYTES).text()
        const { coloured, learn } = await import('@/lib/coloured')
        const extension = extensionOf(attachment.name)
        await learn(extension)
        return coloured(loaded, extension)
      })
      .then(
        (loaded) => !gone && setText(loaded),
        (reason: unknown) => !gone && setError(errorText(reason)),
      )
    return () => {
      gone = true
    }
  }, [attachment.id, large])
  if (large || error) {
    return <p className="border-t px-3 py-2 text-quiet text-sm">{error ?? t('tooLongToShow')}</p>
  }
  if (text === null) {
    return (
      <div className="grid place-items-center border-t p-4 text-quiet">
        <Spinner label={t('loading')} />
      </div>
    )
  }
  return (
    <section aria-label={t('contents', { name: attachment.name })} className="border-t bg-sunken">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls must be reachable by keyboard */}
      <pre tabIndex={0} dir="ltr" className="max-h-80 overflow-auto px-3 py-2 font-mono text-sm leading-5">
        <code>{text}</code>
      </pre>
      {attachment.size > SHOWN_BYTES && (
        <p className="border-t px-3 py-1.5 text-quiet text-xs">{t('onlyBeginning')}</p>
      )}
    </section>
  )
}
