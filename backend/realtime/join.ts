import { BindingError } from './changes/filter'
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
  if (channel.socket.bindings > hub.limits.maxBindingsPerSocket) {
    refuse('TooManyBindings: Too many postgres_changes on one connection')
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
  // What is sent from SQL is not kept (see schema.sql), so there is nothing to hear again; silence would be a lie.
  if (config.broadcast.replay) channel.system('system', 'error', 'Replay is not available on this server')
  if (bindings.length > 0) void subscribe(channel, bindings)
  channel.drain()
}

async function subscribe(channel: Channel, bindings: Binding[]): Promise<void> {
  try {
    await channel.hub.changes.subscribe(channel, bindings)
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
