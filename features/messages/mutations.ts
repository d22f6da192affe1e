import { type AppError, toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'
import { getMessage } from './queries'
import type { Message, MessageFile } from './schema'

/** A half-open connection answers never: after this the send is tried again, which the id makes harmless. */
const SEND_TIMEOUT_MS = 20_000

export type NewMessage = {
  id: string
  channel_id: string
  thread_id: string | null
  body: string
  /** Files that are uploaded and wait to be sent. */
  attachments?: MessageFile[]
}

/**
 * Stores a message under the id the client made. Sending the same id again is not an error: the database keeps the one
 * row and answers with nothing, so the row is read back, and must be the sender's own.
 */
export async function sendMessage(client: AppClient, me: string, message: NewMessage): Promise<Message> {
  const { attachments = [], ...text } = message
  const row = attachments.length > 0 ? { ...text, attachments: attachments.map(({ id }) => id) } : text
  const { data, error, status } = await client
    .from('messages')
    .upsert(row, { onConflict: 'id', ignoreDuplicates: true })
    .select()
    .abortSignal(AbortSignal.timeout(SEND_TIMEOUT_MS))
  if (error) throw toAppError(error, status)
  const stored = (data as Message[])[0] ?? (await getMessage(client, message.id))
  if (stored?.user_id === me) return stored
  if (!stored) {
    // It is there, and the sender's: the database refuses the id of another. They have left the channel since.
    throw { code: 'not_a_member', status: 403, message: 'You are not in this channel.' } satisfies AppError
  }
  const taken: AppError = {
    code: 'message_id_taken',
    status: 409,
    message: 'This id belongs to another message.',
  }
  throw taken
}

export async function updateMessage(client: AppClient, id: string, body: string): Promise<Message> {
  const { data, error, status } = await client
    .from('messages')
    .update({ body })
    .eq('id', id)
    .select()
    .maybeSingle()
  if (error) throw toAppError(error, status)
  if (!data)
    throw { code: 'message_not_found', status: 404, message: 'The message is gone.' } satisfies AppError
  return data as Message
}

export async function deleteMessage(client: AppClient, id: string): Promise<void> {
  const { error, status } = await client.rpc('delete_message', { message_id: id })
  if (error) throw toAppError(error, status)
}
