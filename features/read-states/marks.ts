/** How far a channel is read, as the database keeps it. */
export type Read = { last_read_seq: number; unread_from_seq: number | null }

/** What the open channel's screen remembers while it is open. */
export type Marks = {
  /** The "New" line stands before this message; taken once, so that it does not move as messages arrive. */
  divider: number | null
  /** Marked unread by hand: nothing is read by itself until the channel is opened again. */
  manual: boolean
}

export type Attention = { focused: boolean; visible: boolean; atBottom: boolean }

const firstUnread = (read: Read) => read.unread_from_seq ?? read.last_read_seq + 1

export const isRead = (read: Read, lastSeq: number) =>
  read.unread_from_seq === null && read.last_read_seq >= lastSeq

export function onOpen(read: Read, lastSeq: number): Marks {
  return { divider: isRead(read, lastSeq) ? null : firstUnread(read), manual: false }
}

/** Messages came while nobody looked and everything before was read: the line shows upon return. */
export function onArrival(marks: Marks, read: Read, firstNewSeq: number, attention: Attention): Marks {
  const looking = attention.focused && attention.visible
  if (looking || marks.divider !== null || !isRead(read, firstNewSeq - 1)) return marks
  return { ...marks, divider: firstNewSeq }
}

/** Whether what is loaded now counts as read: somebody looks, and at the newest message. */
export function shouldRead(marks: Marks, read: Read, lastSeq: number, attention: Attention): boolean {
  return (
    attention.focused && attention.visible && attention.atBottom && !marks.manual && !isRead(read, lastSeq)
  )
}

export const onSend = (): Marks => ({ divider: null, manual: false })
export const onMarkUnread = (seq: number): Marks => ({ divider: seq, manual: true })
