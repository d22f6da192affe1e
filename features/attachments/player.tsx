'use client'

import { Play } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { Spinner } from '@/ui/spinner'
import { showToast } from '@/ui/toast'
import { FileCard } from './file-card'
import { boxOf } from './picture'
import { getAddress } from './queries'
import { type Attachment, kindOf } from './schema'

type Props = { client: AppClient; channelId: string; attachment: Attachment }

/** A film or a recording. Nothing of it is loaded before somebody plays it; then only the parts that are played. */
export function Player({ client, channelId, attachment }: Props) {
  const t = useTranslations('attachments')
  const errorText = useErrorText()
  const [address, setAddress] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const film = kindOf(attachment) === 'video'
  const play = async () => {
    setBusy(true)
    try {
      setAddress(await getAddress(client, channelId, attachment, 'play'))
    } catch (error) {
      showToast(errorText(error))
    }
    setBusy(false)
  }
  // An address ends after a while, and a browser may not know this format.
  const failed = () => {
    setAddress(null)
    showToast(t('cannotPlay'))
  }
  const box = boxOf({ ...attachment, width: attachment.width ?? 320, height: attachment.height ?? 180 })
  return (
    <FileCard
      client={client}
      channelId={channelId}
      attachment={attachment}
      actions={
        !address && (
          <IconButton
            label={t('play', { name: attachment.name })}
            icon={busy ? <Spinner size={16} /> : <Play size={17} />}
            onClick={() => void play()}
          />
        )
      }
    >
      {address &&
        (film ? (
          // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
          <video
            src={address}
            controls
            autoPlay
            playsInline
            onError={failed}
            aria-label={attachment.alt || attachment.name}
            style={{ aspectRatio: `${box.width} / ${box.height}` }}
            className="block max-h-[24rem] w-full bg-ink/90"
          />
        ) : (
          // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
          <audio
            src={address}
            controls
            autoPlay
            onError={failed}
            aria-label={attachment.name}
            className="block w-full px-2 pb-2"
          />
        ))}
    </FileCard>
  )
}
