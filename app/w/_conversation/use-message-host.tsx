'use client'

import { useMemo } from 'react'
import { AttachmentList } from '@/features/attachments/attachment-list'
import { removeObjects } from '@/features/attachments/mutations'
import type { Channel } from '@/features/channels/schema'
import { channels } from '@/features/channels/store'
import { Editor } from '@/features/composer/editor'
import type { Suggest } from '@/features/composer/use-suggestions'
import type { MessageHost } from '@/features/messages/host'
import { deleteMessage, updateMessage } from '@/features/messages/mutations'
import type { OutboxEntry } from '@/features/messages/outbox-db'
import { MAX_BODY_LENGTH, type Message } from '@/features/messages/schema'
import { addReaction, removeReaction } from '@/features/reactions/mutations'
import { ReactionBar } from '@/features/reactions/reaction-bar'
import { hasReacted, toggle } from '@/features/reactions/toggle'
import { isAdmin } from '@/features/workspaces/schema'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { useStore } from '@/lib/store'
import { showToast } from '@/ui/toast'
import { channelPath, openPane } from '../_frame/location'
import type { ChatSession } from '../[slug]/_sync/session'
import type { OpenFile } from './file-preview'
import { AuthorName, PersonAvatar, useKnownPeople, useKnownPerson, useNames } from './people-parts'

type Options = {
  suggest: Suggest
  /** Puts a message that did not go out back into the composer. */
  rewrite(entry: OutboxEntry): void
  markUnreadFrom?(seq: number): void
  openFile(file: OpenFile): void
  inThread?: boolean
}

/** The address of a channel of this name in the open workspace. */
function useChannelLink(name: string): string | null {
  const workspace = useCurrentWorkspace()
  const found = useStore(channels, ({ byId }) =>
    Object.values(byId).find((one) => one.name === name && one.workspace_id === workspace?.id),
  )
  return found && workspace ? channelPath(workspace.slug, found.id) : null
}

/** Joins messages with people, reactions, threads and the composer. */
export function useMessageHost(session: ChatSession, channel: Channel, options: Options): MessageHost {
  const { suggest, rewrite, markUnreadFrom, openFile, inThread } = options
  const role = useCurrentWorkspace()?.role
  const canWrite = channel.is_member && !channel.archived_at
  const errorText = useErrorText()
  const channelId = channel.id
  return useMemo<MessageHost>(() => {
    const { client, me, slug, timelines, outbox } = session

    const react = (message: Message, emoji: string) => {
      const had = hasReacted(message.reactions, emoji, me)
      const flip = (row: Message) => ({ ...row, reactions: toggle(row.reactions, emoji, me) })
      const reaction = { message_id: message.id, channel_id: channelId, user_id: me, emoji }
      timelines.patch(channelId, message.id, flip)
      const write = had ? removeReaction(client, reaction) : addReaction(client, reaction)
      write.catch((error: unknown) => {
        // Only what was drawn is taken back, never what the server has said since: it may have stored it all the same.
        timelines.patch(channelId, message.id, flip, message.rev)
        showToast(errorText(error))
      })
    }

    return {
      me,
      canModerate: isAdmin(role),
      canWrite,
      usePerson: useKnownPerson,
      usePeople: useKnownPeople,
      useChannelLink,
      Avatar: PersonAvatar,
      AuthorName,
      renderReactions: (message) => (
        <ReactionBar
          reactions={message.reactions}
          me={me}
          canReact={canWrite}
          useNames={useNames}
          onToggle={(emoji) => react(message, emoji)}
        />
      ),
      renderFiles: (message) => (
        <AttachmentList
          client={client}
          channelId={channelId}
          attachments={message.attachments}
          onOpen={(id) => openFile({ message, id })}
        />
      ),
      renderEditor: (props) => <Editor {...props} suggest={suggest} limit={MAX_BODY_LENGTH} />,
      openPerson: (id) => openPane('person', id),
      react,
      async edit(message, body) {
        timelines.receive([await updateMessage(client, message.id, body)], 'ack')
      },
      async remove(message) {
        await removeObjects(client, channelId, message.attachments)
        await deleteMessage(client, message.id)
        const gone = { body: '', deleted_at: new Date().toISOString(), reactions: {}, attachments: [] }
        timelines.patch(channelId, message.id, (row) => ({ ...row, ...gone }))
      },
      permalink: (message) => `${window.location.origin}${channelPath(slug, channelId)}?m=${message.id}`,
      openThread: inThread ? undefined : (message) => openPane('thread', message.id),
      markUnread: markUnreadFrom && ((message) => message.seq && markUnreadFrom(message.seq)),
      retry: (id) => void outbox.retry(id),
      discard: (id) => void outbox.remove(id),
      rewrite(entry) {
        void outbox.remove(entry.id)
        rewrite(entry)
      },
    }
  }, [session, channelId, role, canWrite, suggest, rewrite, markUnreadFrom, openFile, inThread, errorText])
}
