import type { Channel } from './channel'
import { tokenPrincipal } from './handshake'
import type { Principal } from './principals'
import { type AccessToken, parseAccessToken } from './protocol/access-token'
import { type BroadcastUp, broadcastSize } from './protocol/broadcast'
import type { Envelope } from './protocol/envelope'
import { type PresenceUp, parsePresence } from './protocol/presence'
import type { Up } from './protocol/up'
import { signedBy } from './server-broadcast'

/** Deals with one message on a joined channel. A promise: later messages wait for it. */
export function handleEvent(channel: Channel, message: Envelope): Promise<void> | undefined {
  const up = message as Up
  switch (up.event) {
    case 'broadcast':
      return onBroadcast(channel, up)
    case 'presence':
      return onPresence(channel, up)
    case 'access_token':
      return onAccessToken(channel, up)
    default:
      channel.reply(message, 'error', { reason: 'unknown event' })
      return undefined
  }
}

function onBroadcast(channel: Channel, message: BroadcastUp): undefined {
  const body = message.payload
  const { hub, config, topicName } = channel
  if (!body) {
    if (config.broadcast.ack) channel.reply(message, 'error', { reason: 'a broadcast needs an event' })
    return
  }
  const size = broadcastSize(body)
  if (size > hub.limits.maxBroadcastBytes) {
    if (config.broadcast.ack) channel.reply(message, 'error', { reason: 'Payload size exceeds tenant limit' })
    return
  }
  const payer = channel.socket.payer(channel.principal)
  if (!hub.channelRates.bytes.take(channel, size) || hub.bytes.take(payer, size) !== 'all') {
    channel.end('Too many bytes per second')
    return
  }
  // Refused in silence even when an answer was asked for: that is how upstream does it.
  if (!channel.rights.speakBroadcast) return
  hub.topics.broadcast(
    topicName,
    signedBy(channel.principal, topicName, body),
    config.broadcast.self ? undefined : channel,
  )
  if (config.broadcast.ack) channel.reply(message, 'ok')
}

function onPresence(channel: Channel, message: PresenceUp): undefined {
  const { hub, topicName, rights } = channel
  if (!hub.channelRates.presenceCalls.take(channel)) {
    channel.end('Client presence rate limit exceeded')
    return
  }
  const command = parsePresence(message.payload)
  if (command.kind === 'nothing') {
    channel.reply(message, 'ok')
    return
  }
  if (command.kind === 'invalid') {
    channel.reply(message, 'error', { reason: command.reason })
    return
  }
  if (!rights.speakPresence) {
    channel.reply(message, 'error', { reason: 'You do not have permission to show presence here' })
    return
  }
  if (command.kind === 'untrack') {
    hub.presence.untrack(topicName, channel)
    channel.reply(message, 'ok')
    return
  }
  const meta = ownMeta(channel, command.meta)
  if (Buffer.byteLength(JSON.stringify(meta)) > hub.limits.maxPresenceBytes) {
    channel.end('Track message size exceeded')
    return
  }
  channel.watchPresence()
  const payer = channel.socket.payer(channel.principal)
  const named = channel.principal.sub !== null
  const fits = hub.presence.track(topicName, channel, { key: ownKey(channel), meta, payer, named })
  channel.reply(message, fits ? 'ok' : 'error', fits ? {} : { reason: 'Too many people are shown here' })
}

/** The form of the ids that people are known by. */
const PERSON = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** On private topics nobody is shown under the id of another person: clients take a key that is one for its owner. */
function ownKey({ private: isPrivate, presenceKey, principal }: Channel): string {
  return isPrivate && principal.sub !== null && PERSON.test(presenceKey) ? principal.sub : presenceKey
}

/** On private topics nobody shows a user id that is not theirs. */
function ownMeta(channel: Channel, meta: Record<string, unknown>): Record<string, unknown> {
  if (!channel.private || !('user_id' in meta)) return meta
  return { ...meta, user_id: channel.principal.sub }
}

function onAccessToken(channel: Channel, message: AccessToken): Promise<void> | undefined {
  const token = parseAccessToken(message.payload)
  if (token === null || token.startsWith('sb_')) return undefined
  return changeToken(channel, token)
}

async function changeToken(channel: Channel, token: string): Promise<void> {
  const { hub } = channel
  const found = await tokenPrincipal(hub.keys, token)
  if ('reason' in found) {
    channel.end(found.message)
    return
  }
  // A change that is on its way to the old token would not reach the new one.
  const asked = await hub.changes.between(() => speakFor(channel, found.principal))
  if (!asked) return
  await Promise.all([asked.moved, asked.stands])
  if (!(await asked.stands)) {
    channel.end('The session of this token has ended')
    return
  }
  await channel.withRights((rights) => channel.settle(rights))
}

/** Speaks for another token from now on, as soon as what it may is known. Null: it does not. */
function speakFor(channel: Channel, principal: Principal) {
  const { hub } = channel
  // Who left meanwhile must not be held on to under a new name: nothing would let go of it again.
  if (channel.state === 'closed' || principal.key === channel.principal.key) return null
  if (!channel.socket.admits(principal)) {
    channel.end('Too many connected users')
    return null
  }
  // Everything waits from here on, and a logout or a removal finds the channel under its new name.
  channel.hold()
  // Another person does not go on being shown as the one before.
  if (principal.sub !== channel.principal.sub) hub.presence.untrack(channel.topicName, channel)
  channel.become(principal)
  // In the same moment: no row is told any more for what the one before may see.
  const moved = hub.changes.move(channel)
  return { moved, stands: hub.sessions.stands(channel.principal) }
}
