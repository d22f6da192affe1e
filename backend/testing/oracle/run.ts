import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { createAuth } from '../../auth/service'
import { createRealtime } from '../../realtime/service'
import { signLegacyToken } from '../../tokens'
import { createRandom, type Random } from '../fuzz/random'
import { startTestServer } from '../server'
import { type Change, differences, isTold, linesOf, linesOfArrived } from './expected'
import { type Listener, listen } from './listener'
import { follow, makeShard, type Shard, signIn, signUp } from './shard'
import { OracleSocket } from './socket'
import { makeStep } from './steps'
import { TRUTH_SQL } from './truth'

export type OracleOptions = {
  seed: number
  /** Steps that change something; those that are refused do not count. */
  steps: number
  shards?: number
  migrationsDir?: string
  log?(line: string): void
}

export type OracleReport = {
  steps: number
  refused: number
  /** Row changes, questions put to the policies, deliveries compared. */
  changes: number
  questions: number
  deliveries: number
  /** Sockets that the server ended, each because its sign-in had. */
  ended: number
  /** How often each step changed something. */
  byName: Record<string, number>
  differences: string[]
  seconds: number
}

/** Companies side by side: the more there are, the less a step costs, and the longer the start takes. */
const SHARDS = 32
const SOCKETS = 5
const MAX_DIFFERENCES = 20
const FENCE_MS = 120_000
const SAY_SECONDS = 10

type Truth = Change & { sees: string }
/** A change, and for each moment from its commit to the end of the burst who could see it. */
type Seen = { change: Change; moments: string[] }
type Place = {
  shard: Shard
  random: Random
  listeners: Listener[]
  /** Whose sign-in did not stand for a moment of this burst: banned, and not any more. They are ended all the same. */
  lapsed: Set<Listener>
  last: number
}

/** Random lives in several companies at once; every delivery is compared with what the real policies say. */
export async function runOracle(options: OracleOptions): Promise<OracleReport> {
  const { seed, log = () => {} } = options
  const server = await startTestServer({
    services: [createAuth, (deps) => createRealtime(deps, { maxJoinsPerSecond: 1_000, idleMs: 3_600_000 })],
  })
  const admin = server.database.connect('supabase_admin', { max: 8, connect_timeout: 120 })
  const api = server.database.connect('authenticator', { max: 8, connect_timeout: 120 })
  const report: OracleReport = {
    ...{
      steps: 0,
      refused: 0,
      changes: 0,
      questions: 0,
      deliveries: 0,
      ended: 0,
      byName: {},
      differences: [],
      seconds: 0,
    },
  }
  const started = performance.now()
  let fence = 0
  let said = 0

  const open = async (place: Place, person: string) => {
    const claims = await signIn(admin, person, place.random)
    const token = await signLegacyToken(server.secrets.jwtSecret, claims)
    const places = {
      user: person,
      channels: [...place.shard.channels.keys()],
      workspaces: place.shard.workspaces,
    }
    const address = { url: server.url, key: server.publishableKey }
    return listen(address, token, claims, place.random, places)
  }

  const truth = async (place: Place): Promise<Truth[]> => {
    const claims = place.listeners.map(({ text }) => text)
    return admin<Truth[]>`select * from oracle.truth(${place.shard.number}, ${place.last}, ${claims})`
  }

  const standing = async (listeners: Listener[]): Promise<Map<Listener, boolean>> => {
    const rows = await admin<{ stands: boolean }[]>`
      select oracle.stands(c::jsonb) as stands
      from unnest(${listeners.map(({ text }) => text)}::text[]) with ordinality as t (c, o) order by o`
    return new Map(listeners.map((listener, i) => [listener, rows[i]?.stands === true]))
  }

  /** A few steps, one right after the other; what each changed, and who could see it from then on. */
  const burst = async (place: Place): Promise<Seen[]> => {
    const { shard, random } = place
    const seen = new Map<string, Seen>()
    for (let left = random.chance(0.7) ? 1 : random.below(3) + 2; left > 0; left--) {
      const { claims } = random.pick(place.listeners)
      const step = makeStep(random, shard, claims)
      try {
        await (step.server ? admin : api).begin(async (sql) => {
          await sql`select set_config('oracle.shard', ${String(shard.number)}, true)`
          if (!step.server) {
            await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`
          }
          await step.run(sql)
        })
      } catch (error) {
        if (!(error instanceof postgres.PostgresError) || !/^(PT\d{3}|23\d{3}|42501)$/.test(error.code))
          throw error
        report.refused += 1
        continue
      }
      report.steps += 1
      report.byName[step.name] = (report.byName[step.name] ?? 0) + 1
      const stand = await standing(place.listeners)
      for (const listener of place.listeners) if (!stand.get(listener)) place.lapsed.add(listener)
      for (const { sees, ...change } of await truth(place)) {
        report.questions += sees.length
        const known = seen.get(change.n)
        if (known) known.moments.push(sees)
        else {
          seen.set(change.n, { change, moments: [sees] })
          follow(shard, change)
        }
      }
    }
    return [...seen.values()]
  }

  const compare = (place: Place, seen: Seen[], open: Change[], where: string) => {
    const alone = seen.every(({ moments }) => moments.length === 1)
    for (const [i, listener] of place.listeners.entries()) {
      const always: string[] = []
      const perhaps: string[] = []
      for (const { change, moments } of seen) {
        const letters = moments.map((sees) => sees[i])
        if (letters.includes('t'))
          (letters.includes('f') ? perhaps : always).push(...linesOf(listener, change))
      }
      // Ended in this round: it is not known whether before or after what others did.
      for (const change of open)
        (listener.socket.closed ? perhaps : always).push(...linesOf(listener, change))
      const arrived = linesOfArrived(listener.socket.changes.splice(0))
      report.deliveries += arrived.length
      for (const line of differences(arrived, always, perhaps)) {
        report.differences.push(
          `${where}, shard ${place.shard.number}, ${alone ? 'one step' : 'a burst'}, ${listener.text}: ${line}`,
        )
      }
    }
    report.changes += seen.length
    place.last = Number(seen.at(-1)?.change.n ?? place.last)
  }

  /** What was made before anybody listened has left the stream: whoever joins while it is on its way may hear it. */
  const catchUp = async () => {
    const socket = new OracleSocket(server.url, server.publishableKey, '2.0.0')
    await socket.open()
    await socket.join('realtime:fence', server.publishableKey, [])
    fence += 1
    await admin`select realtime.send(${admin.json({ fence })}, 'fence', 'fence', false)`
    await socket.reaches(fence)
    socket.close()
  }

  /** Everything that was committed so far has arrived. */
  const settle = async (places: Place[], where: string) => {
    fence += 1
    await admin`select realtime.send(${admin.json({ fence })}, 'fence', 'fence', false)`
    const late = sleep(FENCE_MS, 'late', { ref: false })
    const all = places.flatMap(({ listeners }) => listeners)
    const heard = Promise.all(all.map(({ socket }) => socket.reaches(fence)))
    if ((await Promise.race([heard, late])) === 'late')
      report.differences.push(`${where}: the fence was not heard`)
  }

  /** Sockets are open exactly as long as their sign-ins stand; those that ended come back with new ones. */
  const renew = async (places: Place[], where: string) => {
    const stand = await standing(places.flatMap(({ listeners }) => listeners))
    const accounts = await admin<{ id: string; welcome: boolean }[]>`
      select id, coalesce(banned_until < now(), true) as welcome from auth.users`
    const welcome = new Map(accounts.map(({ id, welcome }) => [id, welcome]))
    await Promise.all(places.map((place) => renewPlace(place, stand, welcome, where)))
    // Newcomers may be made colleagues by the next step, while their profile is still on its way.
    await settle(places, where)
  }

  const renewPlace = async (
    place: Place,
    stand: Map<Listener, boolean>,
    welcome: Map<string, boolean>,
    where: string,
  ) => {
    const { shard, random } = place
    const stays: Listener[] = []
    for (const listener of place.listeners) {
      const { socket, text } = listener
      const stands = stand.get(listener)
      if (stands && !socket.closed) stays.push(listener)
      else if (stands && place.lapsed.has(listener)) report.ended += 1
      else if (stands) report.differences.push(`${where}: a socket was ended whose sign-in stands: ${text}`)
      else {
        const late = sleep(FENCE_MS, 'late', { ref: false })
        if ((await Promise.race([socket.gone, late])) === 'late') {
          report.differences.push(`${where}: a socket stays open without a sign-in: ${text}`)
        }
        report.ended += 1
      }
    }
    for (const [i, person] of shard.people.entries()) {
      if (!welcome.has(person)) shard.people[i] = await signUp(admin, 'Newcomer')
    }
    // Now and then somebody goes and comes back as somebody else, with other filters.
    if (stays.length > 0 && random.chance(0.02))
      stays.splice(random.below(stays.length), 1)[0]?.socket.close()
    const people = shard.people.filter((person) => welcome.get(person))
    while (stays.length < SOCKETS && people.length > 0) stays.push(await open(place, random.pick(people)))
    place.listeners = stays
    place.lapsed.clear()
  }

  try {
    await admin.unsafe(TRUTH_SQL)
    const places: Place[] = []
    for (let number = 0; number < (options.shards ?? SHARDS); number++) {
      const shard = await makeShard(admin, number)
      places.push({ shard, random: createRandom(seed, number), listeners: [], lapsed: new Set(), last: 0 })
    }
    await catchUp()
    await renew(places, 'start')
    log(`${Math.round((performance.now() - started) / 1000)} s: everybody is connected`)
    for (
      let round = 0;
      report.steps < options.steps && report.differences.length < MAX_DIFFERENCES;
      round++
    ) {
      const where = `seed ${seed}, round ${round}`
      const seen = await Promise.all(places.map(burst))
      await settle(places, where)
      for (const [i, place] of places.entries()) {
        const others = seen.filter((_, n) => n !== i).flat()
        const open = others.map(({ change }) => change).filter(isTold)
        compare(place, seen[i] ?? [], open, where)
      }
      await renew(places, where)
      const seconds = Math.round((performance.now() - started) / 1000)
      if (seconds >= said + SAY_SECONDS) {
        said = seconds
        log(
          `${seconds} s: ${report.steps} steps, ${report.deliveries} deliveries, ${report.differences.length} differences`,
        )
      }
    }
    for (const { socket } of places.flatMap(({ listeners }) => listeners)) socket.close()
  } finally {
    await Promise.all([api.end(), admin.end()])
    await server.stop()
  }
  report.seconds = (performance.now() - started) / 1000
  return report
}
