import type { Channel } from './channel'
import { tokenPrincipal } from './handshake'
import type { Envelope } from './protocol/envelope'
import type { Binding } from './protocol/join'
import { reply } from './protocol/reply'

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
  if (config.postgresChanges.length > hub.limits.maxBindingsPerChannel) {
    refuse('TooManyBindings: Too many postgres_changes on one channel')
    return
  }
  if (config.accessToken !== null && !config.accessToken.startsWith('sb_')) {
    const found = await tokenPrincipal(hub.keys, config.accessToken)
    if ('reason' in found) {
      refuse(found.reason)
      return
    }
    if (channel.state === 'closed') return
    channel.become(found.principal)
  }
  if (!(await hub.sessions.stands(channel.principal))) {
    refuse('InvalidJWTToken: The session of this token has ended')
    return
  }
  await channel.withRights((rights) => {
    if (channel.state === 'closed') return
    if (!rights.hearBroadcast && !rights.hearPresence) {
      refuse(`Unauthorized: You do not have permissions to read from this Channel topic: ${channel.name}`)
      return
    }
    channel.rights = rights
    admit(channel, message)
  })
}

function admit(channel: Channel, message: Envelope): void {
  const { hub, config } = channel
  const bindings = config.postgresChanges
  channel.state = 'joined'
  hub.topics.add(channel.topicName, channel)
  const echoed = bindings.map((binding) => ({ ...binding, id: hub.changes.idOf(binding) }))
  channel.reply(message, 'ok', { postgres_changes: echoed })
  if (config.presence.enabled) channel.watchPresence()
  if (config.broadcast.replicationReady) channel.system('system', 'ok', 'Replication connection established')
  if (bindings.length > 0) void subscribe(channel, bindings)
  channel.drain()
}

async function subscribe(channel: Channel, bindings: Binding[]): Promise<void> {
  try {
    await channel.hub.changes.subscribe(channel, bindings)
    channel.system('postgres_changes', 'ok', 'Subscribed to PostgreSQL')
  } catch (error) {
    const known = error instanceof Error && error.name === 'BindingError'
    if (!known) channel.hub.log.warn({ err: error }, 'realtime: subscribing to changes failed')
    channel.system('postgres_changes', 'error', known ? error.message : 'Subscribing to changes failed')
  }
}
