import { type Envelope, TOPIC_PREFIX } from './envelope'

/** What the server has to say about a channel: subscribed, refused, about to end. */
export type System = Envelope<
  'system',
  { extension: 'postgres_changes' | 'system'; status: 'ok' | 'error'; message: string; channel: string }
>

export function system(
  topic: string,
  joinRef: string | null,
  extension: 'postgres_changes' | 'system',
  status: 'ok' | 'error',
  message: string,
): System {
  const channel = topic.slice(TOPIC_PREFIX.length)
  return { joinRef, ref: null, topic, event: 'system', payload: { extension, status, message, channel } }
}
