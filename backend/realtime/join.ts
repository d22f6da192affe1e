import type { Rights } from './access'
import { BindingError } from './changes/filter'
import type { Channel } from './channel'
import { tokenPrincipal } from './handshake'
import type { Envelope } from './protocol/envelope'
import type { Binding } from './protocol/join'
import { reply } from './protocol/reply'
import type { Told } from './replay'

const NO_REPLAY = 'Realtime was unable to replay messages'

export const TOO_MANY_JOINS = 'ClientJoinRateLimitReached: Too many joins per second'

/** Takes a channel from the first message to joined, or refuses it. */
export async function join(channel: Channel, message: Envelope): Promise<void> {
  const { hub, config } = channel
  const refuse = (reason: string) => {
    if (channel.leave()) channel.socket.send(reply(message, 'error', { reason }))
  }
  if (hub.limits.privateOnly && !config.private) {
    refuse('PrivateOnly: This project only allows private channels')
    return
  }
  if (channel.socket.bindings > hub.limits.maxBindingsPerSocket) {
    refuse('TooManyBindings: Too many postgres_changes on one connection')
    return
  }
  const token = config.accessToken
  // Half a kilobyte for each socket that nobody asks for again.
  config.accessToken = null
  if (token !== null && !token.startsWith('sb_')) {
    const found = await tokenPrincipal(hub.keys, token)
    if ('reason' in found) {
      refuse(found.reason)
      return
    }
    if (channel.state === 'closed') return
    channel.become(found.principal)
  }
  if (!channel.socket.mayJoin(channel.principal)) {
    refuse(TOO_MANY_JOINS)
    channel.socket.close(1008, 'too many joins per second')
    return
  }
  if (!channel.socket.admits(channel.principal)) {
    refuse('ConnectionRateLimitReached: Too many connected users')
    return
  }
  if (!(await hub.sessions.stands(channel.principal))) {
    refuse('InvalidJWTToken: The session of this token has ended')
    return
  }
  // Who left meanwhile must not be made to listen: nothing would let go of it again.
  if (channel.state === 'closed') return
  const replay = await askForReplay(channel)
  await channel.withRights((rights) => {
    if (channel.state === 'closed') return
    const hears = rights.hearBroadcast || (rights.hearPresence && config.broadcast.replay === null)
    if (!hears) {
      refuse(`Unauthorized: You do not have permissions to read from this Channel topic: ${channel.name}`)
    } else if (typeof replay === 'string') refuse(`UnableToReplayMessages: ${replay}`)
    else admit(channel, message, rights, replay)
  })
}

/**
 * What is to be heard again, or why it cannot be. From before the question on, the channel listens and holds what it
 * hears: between what is told again and what arrives there is neither a gap nor an overlap.
 */
async function askForReplay(channel: Channel): Promise<Told | string | null> {
  const { hub, principal, name } = channel
  const { replay } = channel.config.broadcast
  if (replay === null) return null
  if (!channel.private) return 'Replay is not allowed for public channels'
  if (replay === 'invalid') return 'Replay params are not valid'
  // For a stranger nothing is read: changes need the connections. What is told is decided by the rights as they are then.
  const { hearBroadcast } = await hub.access.rights(principal, name)
  // Who left meanwhile must not be made to listen: nothing would let go of it again.
  if (!hearBroadcast || channel.state === 'closed') return NO_REPLAY
  channel.hold()
  hub.topics.add(channel.topicName, channel)
  try {
    return await hub.replays.of(name, replay)
  } catch (error) {
    hub.log.warn({ err: error }, 'realtime: messages could not be read for a replay')
    return NO_REPLAY
  }
}

function admit(channel: Channel, message: Envelope, rights: Rights, replay: Told | null): void {
  const { hub, config } = channel
  const bindings = config.postgresChanges
  channel.state = 'joined'
  channel.rights = rights
  hub.topics.add(channel.topicName, channel)
  const echoed = bindings.map((binding) => ({ ...binding, id: hub.changes.idOf(binding) }))
  channel.reply(message, 'ok', { postgres_changes: echoed })
  if (config.presence.enabled) channel.watchPresence()
  if (config.broadcast.replicationReady) channel.system('system', 'ok', 'Replication connection established')
  if (replay) channel.replay(replay)
  if (bindings.length > 0) void subscribe(channel, bindings)
  // What was heard meanwhile, and what the client said meanwhile.
  channel.settle(rights)
}

async function subscribe(channel: Channel, bindings: Binding[]): Promise<void> {
  try {
    channel.config.postgresChanges = await channel.hub.changes.subscribe(channel, bindings)
    channel.system('postgres_changes', 'ok', 'Subscribed to PostgreSQL')
  } catch (error) {
    if (error instanceof BindingError) {
      channel.system('postgres_changes', 'error', error.message)
      return
    }
    channel.hub.log.warn({ err: error }, 'realtime: subscribing to changes failed')
    // Nothing the client did wrong: it joins again after a pause.
    channel.break()
  }
}
