import type { Message } from './schema'

/** A message in one line of text: what it says, else what it brings along. */
export const summaryOf = (
  { body, attachments }: Pick<Message, 'body' | 'attachments'>,
  length: number,
): string => (body.trim() || attachments.map(({ alt, name }) => alt || name).join(', ')).slice(0, length)
