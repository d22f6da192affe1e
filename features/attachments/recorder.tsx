'use client'

import { Check, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'
import { showToast } from '@/ui/toast'
import { clock } from './format'
import { peaksOf } from './peaks'
import type { Attachment } from './schema'

export type RecorderProps = {
  onRecorded(file: File, facts: Pick<Attachment, 'duration' | 'waveform'>): void
  onClose(): void
}

/** What browsers record in, best first; the first that this one can is taken. */
const FORMATS = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
/** Nobody listens longer; it also ends a recording that was forgotten. */
const LONGEST_SECONDS = 600
const TICK_MS = 200

/** Records a voice message: its time while it runs, then done or nothing. */
export default function Recorder({ onRecorded, onClose }: RecorderProps) {
  const t = useTranslations('attachments')
  const format = useFormatter()
  const [seconds, setSeconds] = useState<number | null>(null)
  const recorder = useRef<MediaRecorder | null>(null)
  const keep = useRef(false)
  const latest = useRef({ onRecorded, onClose })
  latest.current = { onRecorded, onClose }

  // biome-ignore lint/correctness/useExhaustiveDependencies: one recording, from beginning to end
  useEffect(() => {
    let stream: MediaStream | null = null
    let gone = false
    const begin = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true })
      if (gone) return end()
      const mimeType = FORMATS.find((type) => MediaRecorder.isTypeSupported(type))
      const running = new MediaRecorder(stream, mimeType ? { mimeType } : {})
      const parts: Blob[] = []
      running.ondataavailable = ({ data }) => parts.push(data)
      running.onstop = () => {
        end()
        if (keep.current) void finish(new Blob(parts, { type: running.mimeType }))
        latest.current.onClose()
      }
      running.start()
      recorder.current = running
      setSeconds(0)
    }
    const end = () => {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    const finish = async (blob: Blob) => {
      const type = blob.type.split(';')[0] || 'audio/webm'
      const time = format
        .dateTime(new Date(), { dateStyle: 'short', timeStyle: 'short' })
        .replace(/[/\\:]/g, '-')
      const facts = await peaksOf(blob)
      const ending = { 'audio/mp4': 'm4a', 'audio/ogg': 'ogg' }[type] ?? 'webm'
      latest.current.onRecorded(new File([blob], `${t('voiceName', { time })}.${ending}`, { type }), facts)
    }
    begin().catch(() => {
      end()
      showToast(t('noMicrophone'))
      latest.current.onClose()
    })
    return () => {
      gone = true
      if (recorder.current?.state === 'recording') recorder.current.stop()
      end()
    }
  }, [])

  const running = seconds !== null
  useEffect(() => {
    if (!running) return
    const start = performance.now()
    const timer = setInterval(() => {
      const passed = (performance.now() - start) / 1000
      setSeconds(passed)
      if (passed < LONGEST_SECONDS) return
      keep.current = true
      recorder.current?.stop()
    }, TICK_MS)
    return () => clearInterval(timer)
  }, [running])

  const stop = (kept: boolean) => {
    keep.current = kept
    if (recorder.current?.state === 'recording') recorder.current.stop()
    else onClose()
  }
  return (
    <section
      aria-label={t('recording')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        stop(false)
      }}
      className="flex h-8 shrink-0 items-center gap-1 rounded-control bg-danger-fill ps-2"
    >
      <span className="size-2 shrink-0 animate-pulse rounded-full bg-danger" aria-hidden />
      <span role="timer" className="w-11 text-center text-danger-ink text-sm" data-figures>
        {clock(seconds ?? 0)}
      </span>
      <IconButton size="sm" label={t('recordCancel')} icon={<X size={16} />} onClick={() => stop(false)} />
      <IconButton
        size="sm"
        label={t('recordDone')}
        icon={<Check size={16} />}
        disabled={!running}
        // The focus comes from the button that this stands in the place of.
        autoFocus
        onClick={() => stop(true)}
      />
    </section>
  )
}
