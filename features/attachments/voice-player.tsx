'use client'

import { Pause, Play } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { Spinner } from '@/ui/spinner'
import { showToast } from '@/ui/toast'
import { clock } from './format'
import { getAddress } from './queries'
import type { Attachment } from './schema'
import { Waveform } from './waveform'

export type VoicePlayerProps = { client: AppClient; channelId: string; attachment: Attachment }

const STEP_SECONDS = 5

/** A voice message: its shape is there at once, its sound when somebody plays it. */
export default function VoicePlayer({ client, channelId, attachment }: VoicePlayerProps) {
  const t = useTranslations('attachments')
  const errorText = useErrorText()
  const audio = useRef<HTMLAudioElement | null>(null)
  const [state, setState] = useState<'idle' | 'loading' | 'playing'>('idle')
  const [at, setAt] = useState(0)
  const length = attachment.duration ?? 0
  useEffect(() => () => audio.current?.pause(), [])

  const start = async (from = at) => {
    setState('loading')
    try {
      if (!audio.current) {
        const element = new Audio(await getAddress(client, channelId, attachment, 'play'))
        element.ontimeupdate = () => setAt(element.currentTime)
        element.onended = () => {
          setAt(0)
          setState('idle')
        }
        element.onpause = () => setState('idle')
        // The address may have ended: the next start asks for another.
        element.onerror = () => {
          audio.current = null
          setState('idle')
        }
        audio.current = element
      }
      audio.current.currentTime = from
      await audio.current.play()
      setState('playing')
    } catch (error) {
      setState('idle')
      const stopped = error instanceof DOMException
      showToast(stopped ? t('cannotPlay') : errorText(error))
    }
  }
  const seek = (seconds: number) => {
    const to = Math.min(Math.max(0, seconds), length)
    setAt(to)
    if (audio.current) audio.current.currentTime = to
  }
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowRight: STEP_SECONDS, ArrowLeft: -STEP_SECONDS }[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    seek(at + step)
  }
  const click = (event: MouseEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    seek(((event.clientX - box.left) / box.width) * length)
  }
  return (
    <section
      aria-label={t('voiceMessage')}
      className="flex w-80 max-w-full items-center gap-2 rounded-card border bg-ground p-2"
    >
      <IconButton
        label={state === 'playing' ? t('pause') : t('playVoice')}
        icon={
          state === 'loading' ? (
            <Spinner size={16} />
          ) : state === 'playing' ? (
            <Pause size={17} />
          ) : (
            <Play size={17} />
          )
        }
        onClick={() => (state === 'playing' ? audio.current?.pause() : void start())}
        className="bg-accent! text-on-accent! hover:bg-accent-hover!"
      />
      <div
        role="slider"
        tabIndex={0}
        aria-label={t('position')}
        aria-valuemin={0}
        aria-valuemax={Math.round(length)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={t('positionOf', { at: clock(at), length: clock(length) })}
        onKeyDown={keys}
        onClick={click}
        className="h-8 min-w-0 flex-1 cursor-pointer rounded-control"
      >
        <Waveform values={attachment.waveform ?? []} played={length ? at / length : 0} />
      </div>
      <span className="w-10 shrink-0 text-end text-quiet text-xs" data-figures>
        {clock(at > 0 ? at : length)}
      </span>
    </section>
  )
}
