'use client'

import { useEffect, useRef, useState } from 'react'
import { FileViewer } from '@/features/attachments/file-viewer'
import { describeAttachment } from '@/features/attachments/mutations'
import type { Channel } from '@/features/channels/schema'
import type { Message } from '@/features/messages/schema'
import { findRow } from '@/features/messages/window'
import { useStore } from '@/lib/store'
import type { ChatSession } from '../[slug]/_sync/session'

/** A file of a message that is shown over the whole screen, with the message as it was when it was opened. */
export type OpenFile = { message: Message; id: string }

export type FilePreviewProps = {
  session: ChatSession
  channel: Channel
  file: OpenFile
  onClose(): void
  onLost(): void
}

/** What was opened from a message, for as long as the message has it: whatever its timeline does meanwhile. */
export default function FilePreview({ session, channel, file, onClose, onLost }: FilePreviewProps) {
  const { client, me } = session
  const message = useMessage(session, channel.id, file.message)
  const gone = !message.attachments.some(({ id }) => id === file.id)
  useEffect(() => {
    if (gone) onClose()
  }, [gone, onClose])
  if (gone) return null
  const mayDescribe = message.user_id === me && channel.is_member && !channel.archived_at && message.rev > 0
  return (
    <FileViewer
      client={client}
      channelId={channel.id}
      attachments={message.attachments}
      startId={file.id}
      onDescribe={mayDescribe ? ({ id }, alt) => describeAttachment(client, id, alt) : undefined}
      onClose={onClose}
      onLost={onLost}
    />
  )
}

/**
 * The newest that is known of a message, also when the timeline has moved on from it, or begins anew. Where the channel is
 * gone, so is the conversation that this stands in.
 */
function useMessage(session: ChatSession, channelId: string, opened: Message): Message {
  const window = useStore(session.timelines.store, (all) => all[channelId])
  const [heard, setHeard] = useState(opened)
  const { id } = opened
  useEffect(
    () =>
      session.onMessages((rows) => {
        const row = rows.find((each) => each.id === id)
        if (row) setHeard((last) => (row.rev > last.rev ? row : last))
      }),
    [session, id],
  )
  const seen = useRef(opened)
  const row = window && findRow(window, id)
  for (const each of [heard, row]) if (each && each.rev >= seen.current.rev) seen.current = each
  return seen.current
}
