'use client'

import { useTranslations } from 'use-intl'
import { AttachButton } from '@/features/attachments/attach-button'
import { DropTarget } from '@/features/attachments/drop-target'
import { MAX_FILES } from '@/features/attachments/schema'
import { TrayList } from '@/features/attachments/tray-list'
import { draftKey } from '@/features/drafts/schema'
import { useStore } from '@/lib/store'
import { useStateOf } from '@/lib/use-state-of'
import { showToast } from '@/ui/toast'
import type { ChatSession } from '../[slug]/_sync/session'
import { VoiceButton } from './voice-button'

/** The files of one composer: what it shows of them, and whether they let it send. */
export function useTray(session: ChatSession, channelId: string, threadId: string | null) {
  const t = useTranslations('attachments')
  const { tray } = session
  const key = draftKey(channelId, threadId)
  const list = useStore(tray.store, (all) => all[key])
  // Whoever goes elsewhere has stopped recording.
  const [recording, setRecording] = useStateOf(key, false)
  const onFiles = (files: File[]) => {
    const left = tray.add(key, channelId, files)
    if (left > 0) showToast(t('tooMany', { count: left, most: MAX_FILES }))
  }
  const uploading = list?.some(({ state }) => state === 'uploading')
  const failed = list?.some(({ state }) => state === 'failed')
  return {
    onFiles,
    cargo: {
      ready: Boolean(list?.length),
      wait: uploading ? t('uploadingHint') : failed ? t('failedHint') : null,
    },
    above: list && (
      <TrayList
        key={key}
        list={list}
        onRemove={(id) => tray.remove(key, channelId, id)}
        onRetry={(id) => tray.retry(key, id)}
        onDescribe={(id, alt) => tray.describe(key, id, alt)}
      />
    ),
    tools: (
      <>
        <DropTarget onFiles={onFiles} />
        <AttachButton onFiles={onFiles} />
        <VoiceButton
          open={recording}
          setOpen={setRecording}
          onRecorded={(file, facts) => void tray.add(key, channelId, [file], facts)}
        />
      </>
    ),
    /** Hands over the files for a message. */
    take: () => tray.take(key),
  }
}
