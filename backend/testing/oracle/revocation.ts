import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { createAuth } from '../../auth/service'
import { createRealtime } from '../../realtime/service'
import { signLegacyToken } from '../../tokens'
import { startTestServer, type TestServer } from '../server'
import { KINDS, type Kind, type Place, type Stream } from './revocation-kinds'
import { signUp } from './shard'
import { type Json, OracleSocket, type Vsn } from './socket'

export type RevocationOptions = { trials: number; places?: number; log?(line: string): void }

export type RevocationReport = {
  trials: number
  /** Events that were committed after the right to see them had been taken away, and arrived; and topics left open. */
  leaks: string[]
  /** Transactions with events that were compared, and how many of them came after. */
  compared: number
  later: number
  /** By kind: milliseconds from just before the commit to the end of the last private topic, in order. */
  closed: Record<string, number[]>
  /** The same for an ordinary event of the same transaction to somebody else: what the machine needs in any case. */
  delivered: number[]
}

type Heard = { stream: Stream; mark: string }

/** Between two writes of a place. Without it the stream is behind by what one process writes, decodes and reads at once. */
const PAUSE_MS = 20

/** Takes rights away, again and again, from people with open sockets to whom events are being sent without a pause. */
export async function runRevocations({
  trials,
  places = 6,
  log = () => {},
}: RevocationOptions): Promise<RevocationReport> {
  const server = await startTestServer({
    services: [createAuth, (deps) => createRealtime(deps, { idleMs: 3_600_000 })],
  })
  const admin = server.database.connect('supabase_admin', { max: 12, connect_timeout: 120 })
  const report: RevocationReport = { trials: 0, leaks: [], compared: 0, later: 0, closed: {}, delivered: [] }
  const done: {
    kind: Kind
    heard: Heard[]
    xids: Map<string, string>
    xid: string
  }[] = []
  let fence = 0
  try {
    // What is compared with the order of commits must come from somewhere else than the service's own stream.
    await admin`select pg_create_logical_replication_slot('trials', 'test_decoding')`
    const all: Place[] = []
    for (let i = 0; i < places; i++) all.push(await makePlace(server, admin, i))
    // The places themselves are heard of before anybody's trial: whoever joins earlier would hear of them, too.
    fence += 1
    await admin`select realtime.send(${admin.json({ fence })}, 'e', 'fence', false)`
    await Promise.all(all.map(({ witness }) => witness.reaches(fence)))
    let next = 0
    await Promise.all(
      all.map(async (place) => {
        while (next < trials) {
          const number = next++
          const kind = KINDS[number % KINDS.length] as Kind
          done.push(await trial(place, kind, number))
          report.trials += 1
          if (report.trials % 50 === 0) log(`${report.trials} trials`)
        }
      }),
    )
    const commits = await admin<{ data: string }[]>`
      select data from pg_logical_slot_get_changes('trials', null, null) where data like 'COMMIT %'`
    const order = new Map(commits.map(({ data }, i) => [data.split(' ')[1] ?? '', i]))
    for (const { kind, heard, xids, xid } of done) {
      const end = order.get(xid) ?? -1
      report.compared += xids.size
      for (const each of xids.values()) if ((order.get(each) ?? -1) > end) report.later += 1
      for (const { stream, mark } of heard) {
        const at = order.get(xids.get(mark) ?? '') ?? Number.POSITIVE_INFINITY
        if (kind.loses.includes(stream) && at > end) report.leaks.push(`${kind.name}: ${stream} ${mark}`)
      }
    }
    for (const times of [...Object.values(report.closed), report.delivered]) times.sort((a, b) => a - b)
  } finally {
    await admin.end()
    await server.stop()
  }
  return report

  async function trial(place: Place, kind: Kind, number: number) {
    const victim = await signUp(admin, 'Victim')
    const session = randomUUID()
    await admin.begin(async (sql) => {
      await sql`insert into auth.sessions (id, user_id, created_at, updated_at, aal) values (${session}, ${victim}, now(), now(), 'aal1')`
      await sql`insert into public.workspace_members (workspace_id, user_id, role) values (${place.workspace}, ${victim}, 'member')`
      await sql`insert into public.channel_members (channel_id, user_id, workspace_id) values (${place.channel}, ${victim}, ${place.workspace})`
    })
    const vsn: Vsn = number % 2 === 0 ? '1.0.0' : '2.0.0'
    const socket = await connect(server, vsn, { sub: victim, session_id: session, aal: 'aal1' }, place)
    const xids = new Map<string, string>()
    let ended = false
    let sent = 0
    const write = async () => {
      const mark = `${number}-${sent++}`
      await admin.begin(async (sql) => {
        const [row] = await sql<{ xid: string }[]>`select pg_current_xact_id()::text as xid`
        await sql`insert into public.messages (id, channel_id, user_id, body) values (${randomUUID()}, ${place.channel}, ${place.owner}, ${mark})`
        await sql`update public.channels set topic = ${mark} where id = ${place.lobby}`
        await sql`select realtime.send(${sql.json({ mark: `c ${mark}` })}, 'e', ${`channel:${place.channel}`}, true),
          realtime.send(${sql.json({ mark: `w ${mark}` })}, 'e', ${`workspace:${place.workspace}`}, true)`
        xids.set(mark, row?.xid ?? '')
      })
    }
    const writing = (async () => {
      while (!ended) {
        await write()
        await sleep(PAUSE_MS)
      }
      await write()
    })()
    await until(() => socket.marks.some((mark) => mark.startsWith('c ')) && socket.changes.length > 0)
    let committing = 0
    const xid = await admin.begin(async (sql) => {
      const [row] = await sql<{ xid: string }[]>`select pg_current_xact_id()::text as xid`
      await kind.act(sql, { place, victim, session, socket })
      await sql`select realtime.send(${sql.json({ mark: `r ${number}` })}, 'e', 'fence', false)`
      committing = performance.now()
      return row?.xid ?? ''
    })
    const topics = [`realtime:channel:${place.channel}`, `realtime:workspace:${place.workspace}`].filter(
      (_, i) => kind.loses.includes(i === 0 ? 'channel topic' : 'workspace topic'),
    )
    const isClosed = () => socket.closed || topics.every((topic) => socket.ended.has(topic))
    if (!(await until(isClosed))) report.leaks.push(`${kind.name}: a private topic stays open`)
    else if (topics.length > 0) {
      const times = topics.map((topic) => socket.ended.get(topic) ?? socket.closedAt)
      const list = report.closed[kind.name] ?? []
      report.closed[kind.name] = list
      list.push(Math.max(...times) - committing)
    }
    ended = true
    await writing
    const mine = ++fence
    await admin`select realtime.send(${admin.json({ fence: mine })}, 'e', 'fence', false)`
    await place.witness.reaches(mine)
    await socket.settle()
    report.delivered.push(
      (place.witness.markedAt.get(`r ${number}`) ?? Number.POSITIVE_INFINITY) - committing,
    )
    place.witness.markedAt.clear()
    place.witness.marks.length = 0
    if (kind.undo) await admin.begin((sql) => kind.undo?.(sql, place))
    socket.close()
    await socket.gone
    place.witness.changes.length = 0
    return { kind, heard: heardBy(socket, place), xids, xid }
  }
}

function heardBy(socket: OracleSocket, { lobby }: Place): Heard[] {
  const rows = socket.changes.flatMap(({ data: { table, record } }): Heard[] => {
    if (table === 'messages') return [{ stream: 'message', mark: record.body }]
    return table === 'channels' && record?.id === lobby ? [{ stream: 'channel', mark: record.topic }] : []
  })
  const marks = socket.marks.flatMap((mark): Heard[] => {
    if (mark.startsWith('c ')) return [{ stream: 'channel topic', mark: mark.slice(2) }]
    return mark.startsWith('w ') ? [{ stream: 'workspace topic', mark: mark.slice(2) }] : []
  })
  return [...rows, ...marks]
}

async function makePlace(server: TestServer, admin: postgres.Sql, number: number): Promise<Place> {
  const owner = await signUp(admin, 'Owner')
  const session_id = randomUUID()
  await admin`insert into auth.sessions (id, user_id, created_at, updated_at, aal) values (${session_id}, ${owner}, now(), now(), 'aal2')`
  await admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (${randomUUID()}, ${owner}, 'totp', 'verified', now(), now())`
  const [workspace] =
    await admin`insert into public.workspaces (slug, name, created_by) values (${`place-${number}`}, 'Place', ${owner}) returning id`
  await admin`insert into public.workspace_members (workspace_id, user_id, role) values (${workspace?.id}, ${owner}, 'owner')`
  const channels = await admin`insert into public.channels (workspace_id, kind, name)
    values (${workspace?.id}, 'private', 'secret'), (${workspace?.id}, 'public', 'lobby') returning id`
  await admin`insert into public.channel_members (channel_id, user_id, workspace_id) values (${channels[0]?.id}, ${owner}, ${workspace?.id})`
  const place = { owner, workspace: workspace?.id, channel: channels[0]?.id, lobby: channels[1]?.id }
  const ownerClaims = { sub: owner, role: 'authenticated', session_id, aal: 'aal2' }
  const witness = await connect(server, '2.0.0', ownerClaims, place)
  return { ...place, ownerClaims, witness }
}

async function connect(
  server: TestServer,
  vsn: Vsn,
  claims: Json,
  { channel, workspace }: { channel: string; workspace: string },
) {
  const token = await signLegacyToken(server.secrets.jwtSecret, {
    role: 'authenticated',
    exp: 4_000_000_000,
    ...claims,
  })
  const socket = new OracleSocket(server.url, server.publishableKey, vsn)
  await socket.open()
  await socket.join('realtime:rows', token, [{ event: '*', schema: 'public', table: '*' }])
  await socket.join(`realtime:channel:${channel}`, token, [], true)
  await socket.join(`realtime:workspace:${workspace}`, token, [], true)
  await socket.join('realtime:fence', token, [])
  return socket
}

/** Whether it comes true before a time that only a broken service needs. */
async function until(test: () => boolean): Promise<boolean> {
  const last = performance.now() + 60_000
  while (!test()) {
    if (performance.now() > last) return false
    await sleep(1)
  }
  return true
}
