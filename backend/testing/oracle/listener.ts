import type { Random } from '../fuzz/random'
import { type Json, OracleSocket, type Vsn } from './socket'

/** What one `postgres_changes` asks for, and the same said again in plain JavaScript. */
export type Binding = {
  event: 'INSERT' | 'UPDATE' | 'DELETE' | '*'
  table: string
  filter?: string
  select?: string[]
  /** The column a filter looks at, and whether a value of it passes. */
  test?: { column: string; passes(value: Json): boolean }
}

/** One socket of somebody with one token, and the channels on it. */
export type Listener = {
  claims: Json
  /** The claims as policies see them. */
  text: string
  socket: OracleSocket
  channels: { topic: string; bindings: (Binding & { id: number })[] }[]
}

const TABLES = [
  'messages',
  'channels',
  'channel_members',
  'workspace_members',
  'workspaces',
  'profiles',
  'read_states',
  'drafts',
]

/** What a client might ask for: everything, one table, one channel, and the odd filters. */
function bindingsOf(
  random: Random,
  places: { user: string; channels: string[]; workspaces: string[] },
): Binding[] {
  const channel = random.pick(places.channels) ?? places.user
  const other = random.pick(places.channels) ?? places.user
  const workspace = random.pick(places.workspaces) ?? places.user
  const eq = (column: string, wanted: string): Pick<Binding, 'filter' | 'test'> => ({
    filter: `${column}=eq.${wanted}`,
    test: { column, passes: (value) => value === wanted },
  })
  const choices: Binding[] = [
    { event: '*', table: '*' },
    { event: '*', table: 'messages' },
    { event: 'INSERT', table: 'messages', ...eq('channel_id', channel) },
    { event: '*', table: 'messages', ...eq('channel_id', channel) },
    {
      event: '*',
      table: 'messages',
      filter: `channel_id=in.(${channel},${other})`,
      test: { column: 'channel_id', passes: (value) => value === channel || value === other },
    },
    {
      event: 'UPDATE',
      table: 'messages',
      filter: 'rev=gt.20',
      test: { column: 'rev', passes: (value) => value > 20 },
    },
    {
      event: '*',
      table: 'messages',
      filter: 'body=like.%a%',
      test: { column: 'body', passes: (value) => value.includes('a') },
    },
    {
      event: 'INSERT',
      table: 'messages',
      filter: 'thread_id=not.is.null',
      test: { column: 'thread_id', passes: (value) => value !== null },
    },
    { event: '*', table: 'messages', select: ['channel_id', 'seq'] },
    { event: 'DELETE', table: random.pick(TABLES) },
    { event: '*', table: random.pick(TABLES) },
    { event: '*', table: 'channels', ...eq('workspace_id', workspace) },
    { event: '*', table: 'channel_members', ...eq('user_id', places.user) },
    { event: '*', table: 'workspace_members', ...eq('role', 'guest') },
    { event: '*', table: 'read_states', ...eq('user_id', places.user) },
    { event: 'UPDATE', table: 'profiles', select: ['handle'] },
  ]
  const picked = random.list(1, 3, () => random.pick(choices))
  // The same twice is one binding.
  return [...new Map(picked.map((binding) => [JSON.stringify(binding), binding])).values()]
}

/** Opens a socket with a few channels for a token. */
export async function listen(
  server: { url: string; key: string },
  token: string,
  claims: Json,
  random: Random,
  places: { user: string; channels: string[]; workspaces: string[] },
): Promise<Listener> {
  const vsn: Vsn = random.pick(['1.0.0', '2.0.0'])
  const socket = new OracleSocket(server.url, server.key, vsn)
  await socket.open()
  const channels: Listener['channels'] = []
  for (const [i, bindings] of random.list(1, 2, () => bindingsOf(random, places)).entries()) {
    const topic = `realtime:oracle-${i}`
    const asked = bindings.map(({ event, table, filter, select }) => ({
      ...{ event, schema: 'public', table },
      ...(filter ? { filter } : {}),
      ...(select ? { select } : {}),
    }))
    const ids = await socket.join(topic, token, asked)
    channels.push({ topic, bindings: bindings.map((binding, n) => ({ ...binding, id: ids[n] ?? -1 })) })
  }
  await socket.join('realtime:fence', token, [])
  return { claims, text: JSON.stringify(claims), socket, channels }
}
