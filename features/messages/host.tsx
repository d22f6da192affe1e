'use client'

import { type ComponentType, createContext, type ReactNode, useContext } from 'react'
import type { OutboxEntry } from './outbox-db'
import type { Message } from './schema'

export type RowPerson = { id: string; display_name: string; handle: string }

export type EditorProps = { initial: string; onSave(body: string): Promise<void>; onCancel(): void }

/** What a message needs from other features; the screen that shows messages fills it in. */
export type MessageHost = {
  me: string
  /** May delete what others wrote. */
  canModerate: boolean
  /** May write, react and reply here. */
  canWrite: boolean
  usePerson(id: string): RowPerson | null
  usePeople(ids: string[]): RowPerson[]
  /** The channel of this name that the person may open. */
  useChannelLink(name: string): string | null
  Avatar: ComponentType<{ userId: string; size: number }>
  /** The author's name, with whatever belongs beside it. */
  AuthorName: ComponentType<{ userId: string }>
  renderReactions(message: Message): ReactNode
  /** What was sent with it. */
  renderFiles(message: Message): ReactNode
  /** An editor filled with the text; `onSave` resolves when stored and rejects with an AppError. */
  renderEditor(props: EditorProps): ReactNode
  openPerson(id: string): void
  react(message: Message, emoji: string): void
  edit(message: Message, body: string): Promise<void>
  remove(message: Message): Promise<void>
  permalink(message: Message): string
  /** Absent where there are no threads: inside of one. */
  openThread?(message: Message): void
  /** Absent where nothing can be marked: in a thread, or in a preview. */
  markUnread?(message: Message): void
  /** Verbs of messages that did not go out. */
  retry(id: string): void
  discard(id: string): void
  /** Puts text and files back into the composer. */
  rewrite(entry: OutboxEntry): void
}

const HostContext = createContext<MessageHost | null>(null)

export function MessageHostProvider({ host, children }: { host: MessageHost; children: ReactNode }) {
  return <HostContext value={host}>{children}</HostContext>
}

export function useHost(): MessageHost {
  const host = useContext(HostContext)
  if (!host) throw new Error('A message is drawn outside of a MessageHostProvider.')
  return host
}
