import { expect } from 'vitest'
import { startTestServer } from '../../backend/testing/server'
import { signLegacyToken } from '../../backend/tokens'
import { openWorld, type Row, type World } from './personas'

/** Who attacks, and who is entitled. `removed` was a member until a moment ago. */
export type Who = keyof World['id'] | 'removed' | 'anonymous'

/** The world of the personas behind a running server, with a token for each of them. */
export async function openHttpWorld() {
  const server = await startTestServer()
  const world = await openWorld(server.database)
  const { admin } = server.database

  const tokenOf = (claims: Row) =>
    signLegacyToken(server.secrets.jwtSecret, {
      role: 'authenticated',
      exp: Math.floor(Date.now() / 1000) + 3600,
      ...claims,
    })

  const removed = await world.signUp('Rita Removed')
  await admin`insert into workspace_members (workspace_id, user_id) values (${world.workspace}, ${removed})`
  await admin`select private.join_default_channels(${world.workspace}, ${removed})`
  const tokens = { anonymous: null } as Record<Who, string | null>
  for (const [who, id] of Object.entries({ ...world.id, removed })) {
    tokens[who as Who] = await tokenOf(await world.signIn(id))
  }

  async function ask(who: Who, path: string, init: RequestInit & { token?: string; headers?: Row } = {}) {
    const token = init.token ?? tokens[who]
    const response = await fetch(`${server.url}/rest/v1/${path}`, {
      ...init,
      headers: {
        apikey: server.publishableKey,
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...init.headers,
      },
    })
    const text = await response.text()
    const body = text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
    return { status: response.status, range: response.headers.get('content-range'), body, text }
  }
  const send = (who: Who, method: string, path: string, body: unknown, headers: Row = {}) =>
    ask(who, path, {
      method,
      body: JSON.stringify(body),
      headers: { prefer: 'return=representation', ...headers },
    })
  const rpc = (who: Who, name: string, args: Row = {}) => send(who, 'POST', `rpc/${name}`, args)

  const removal = { workspace_id: world.workspace, user_id: removed }
  expect((await rpc('owner', 'remove_workspace_member', removal)).status).toBe(200)
  return { server, world, admin, tokens, tokenOf, ask, send, rpc, stop: () => server.stop() }
}
