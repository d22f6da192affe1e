import { randomUUID } from 'node:crypto'
import { startTestDatabase } from '../backend/testing/server'
import { type Member, makeCrowd, makeWorkspace } from '../e2e/crowd'
import { connectDatabase } from '../e2e/database'
import { type Product, startProduct } from '../e2e/product'
import type { Load } from './fleet/fleet'
import type { MemberSpec, Target } from './fleet/member'
import type { WriterSpec } from './fleet/writers'
import { collector, startGenerator, startHelper } from './run-job'

const TEAM_SIZE = 20

/** The channel of all people who are in a team. */
export const EVERYBODY = 'everybody'

/** Several people write in it: one alone would wait for their own message before. */
const WRITERS = 8

export type Company = Awaited<ReturnType<typeof openCompany>>

/**
 * A company of ten thousand people, each with a socket of their own, on a product of its own; and beside it the relay with
 * as many. Besides them as many channels of two people as there are teams, who are in nothing else. Fleets grow as rows
 * ask for them and stay open from row to row.
 */
export async function openCompany(size: number) {
  const product = await startProduct({ verb: 'backend', env: { NODE_OPTIONS: `--import ${collector}` } })
  let relay = await startHelper('./relay.ts')
  try {
    const { people, strangers, writers } = await fill(product, size)
    const open = (port: number) => ({
      people: fleetsOf(product, port, people, (i) => [EVERYBODY, `team-${Math.floor(i / TEAM_SIZE)}`]),
      strangers: fleetsOf(product, port, strangers, (i) => [`pair-${Math.floor(i / 2)}`]),
    })
    let fleets = open(relay.port)
    const closeFleets = () => Promise.all([fleets.people.close(), fleets.strangers.close()])
    return {
      size,
      product,
      get relay() {
        return relay
      },
      get people() {
        return fleets.people
      },
      get strangers() {
        return fleets.strangers
      },
      writers,
      /** The same company in a PostgreSQL of its own, with nothing around it, and who writes there. */
      async openBare() {
        const database = await startTestDatabase({ durable: true })
        const secrets = { ...product.secrets, databaseUrl: database.url() }
        const bare = await fill({ ...product, secrets }, size).catch(async (error) => {
          await database.stop()
          throw error
        })
        return { storedIn: secrets.databaseUrl, writers: bare.writers, close: () => database.stop() }
      },
      /** Product and relay in new processes, with nobody connected. */
      async restart() {
        await Promise.all([closeFleets(), relay.stop(), product.quit()])
        relay = await startHelper('./relay.ts')
        await product.start()
        fleets = open(relay.port)
      },
      async close() {
        await closeFleets()
        await relay.stop()
        await product.stop()
      },
    }
  } catch (error) {
    await relay.stop()
    await product.stop()
    throw error
  }
}

/** The company's people, and the channels that they are in. */
async function fill(product: Pick<Product, 'secrets' | 'url'>, size: number) {
  const teams = size / TEAM_SIZE
  const people = await makeCrowd(product, size)
  const strangers = await makeCrowd(product, teams * 2)
  const channels = [
    { name: EVERYBODY, members: people },
    ...Array.from({ length: teams }, (_, i) => ({
      name: `team-${i}`,
      members: people.slice(i * TEAM_SIZE, (i + 1) * TEAM_SIZE),
    })),
    ...Array.from({ length: teams }, (_, i) => ({
      name: `pair-${i}`,
      members: strangers.slice(i * 2, i * 2 + 2),
    })),
  ]
  const ids = await makeChannels(product, [...people, ...strangers], channels)
  const writer = (group: string, { userId, token }: Member): WriterSpec => {
    const channelId = ids.get(group)
    if (channelId === undefined) throw new Error(`no channel ${group}`)
    return { group, channelId, userId, token }
  }
  const firstOf = (kind: 'team' | 'pair') =>
    channels
      .filter(({ name }) => name.startsWith(kind))
      .flatMap(({ name, members }) => members.slice(0, 1).map((person) => writer(name, person)))
  const writers = {
    everybody: people.slice(0, WRITERS).map((person) => writer(EVERYBODY, person)),
    teams: firstOf('team'),
    pairs: firstOf('pair'),
  }
  return { people, strangers, writers }
}

/** Private channels of a new workspace, and who is in each; the ids by name. A thousand calls would take a minute. */
async function makeChannels(
  product: Pick<Product, 'secrets'>,
  people: Member[],
  channels: { name: string; members: Member[] }[],
): Promise<Map<string, string>> {
  const { workspaceId } = await makeWorkspace(product, people, [])
  const rows = channels.map(({ name, members }) => ({ id: randomUUID(), name, members }))
  const sql = connectDatabase(product.secrets.databaseUrl, { max: 1 })
  try {
    await sql`insert into public.channels ${sql(
      rows.map(({ id, name }) => ({ id, name, workspace_id: workspaceId, kind: 'private' })),
    )}`
    const pairs = rows.flatMap(({ id, members }) => members.map(({ userId }) => [id, userId] as const))
    await sql`
      insert into public.channel_members (channel_id, user_id, workspace_id)
      select channel_id, user_id, ${workspaceId}
      from unnest(${pairs.map(([id]) => id)}::uuid[], ${pairs.map(([, id]) => id)}::uuid[]) m (channel_id, user_id)`
    // Of the tables that are filled: told that `messages` is empty, PostgreSQL would read all of it for every send.
    await sql`
      analyze auth.users, auth.sessions, public.profiles, public.workspace_members, public.channels,
        public.channel_members, private.channel_access, public.channel_heads, public.read_states`
  } finally {
    await sql.end()
  }
  return new Map(rows.map(({ id, name }) => [name, id]))
}

/** The same people's sockets twice: on the product and on the relay, each in a process of their own. */
function fleetsOf(product: Product, relay: number, people: Member[], groupsOf: (index: number) => string[]) {
  const { url, secrets } = product
  const one = (target: Target) => {
    const generator = startGenerator()
    let size = 0
    return {
      /** Opens sockets until there are so many: how many were opened a second; NaN when there are enough. */
      async grow(to: number): Promise<number> {
        const specs: MemberSpec[] = people.slice(size, to).map(({ userId, token }, i) => ({
          userId,
          token,
          groups: groupsOf(size + i),
        }))
        if (specs.length === 0) return Number.NaN
        size += specs.length
        return specs.length / (await generator.run('growFleet', { target, specs }))
      },
      carry: (load: Load) => generator.run('fleetCarries', load),
      generator,
    }
  }
  const fleets = {
    value: one({ product: { url, key: secrets.publishableKey } }),
    line: one({ relay }),
  }
  return {
    ...fleets,
    close: () => Promise.all([fleets.value.generator.stop(), fleets.line.generator.stop()]),
  }
}
