'use client'

import { Play } from 'lucide-react'
import { type SyntheticEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { Spinner } from '@/ui/spinner'
import { showToast } from '@/ui/toast'
import { FileCard } from './file-card'
import { boxOf } from './picture'
import { ADDRESS_SECONDS, getAddress } from './queries'
import { type Attachment, kindOf } from './schema'

type Props = { client: AppClient; channelId: string; attachment: Attachment }

/** What is played: at which address, asked for when, and from which second on. */
type Source = { address: string; askedAt: number; from: number }
type Played = SyntheticEvent<HTMLMediaElement>

/** A film or a recording. Nothing of it is loaded before somebody plays it; then only the parts that are played. */
export function Player({ client, channelId, attachment }: Props) {
  const t = useTranslations('attachments')
  const errorText = useErrorText()
  const [source, setSource] = useState<Source | null>(null)
  const [busy, setBusy] = useState(false)
  const film = kindOf(attachment) === 'video'
  const play = async (from = 0) => {
    setBusy(true)
    try {
      const askedAt = Date.now()
      setSource({ address: await getAddress(client, channelId, attachment, 'play'), askedAt, from })
    } catch (error) {
      setSource(null)
      showToast(errorText(error))
    }
    setBusy(false)
  }
  const failed = ({ currentTarget: { currentTime } }: Played) => {
    // What had begun goes on where it was, with another address. A browser may also not know this format.
    const ended = source && Date.now() - source.askedAt >= ADDRESS_SECONDS * 1_000
    if (ended && currentTime > 0) return void play(currentTime)
    setSource(null)
    showToast(t('cannotPlay'))
  }
  const loaded = ({ currentTarget }: Played) => {
    if (source?.from) currentTarget.currentTime = source.from
  }
  const box = boxOf({ ...attachment, width: attachment.width ?? 320, height: attachment.height ?? 180 })
  return (
    <FileCard
      client={client}
      channelId={channelId}
      attachment={attachment}
      actions={
        !source && (
          <IconButton
            label={t('play', { name: attachment.name })}
            icon={busy ? <Spinner size={16} /> : <Play size={17} />}
            onClick={() => void play()}
          />
        )
      }
    >
      {source &&
        (film ? (
          // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
          <video
            src={source.address}
            controls
            autoPlay
            playsInline
            onLoadedMetadata={loaded}
            onError={failed}
            aria-label={attachment.alt || attachment.name}
            style={{ aspectRatio: `${box.width} / ${box.height}` }}
            className="block max-h-[24rem] w-full bg-ink/90"
          />
        ) : (
          // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
          <audio
            src={source.address}
            controls
            autoPlay
            onLoadedMetadata={loaded}
            onError={failed}
            aria-label={attachment.name}
            className="block w-full px-2 pb-2"
          />
        ))}
    </FileCard>
  )
}
