import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { v7 as uuidv7 } from 'uuid'
import { startTestDatabase, type TestDatabase } from '../../backend/testing/server'

/** Who the tests speak as. `outsider` owns another workspace; `anonymous` has no account. */
export const PERSONAS = ['owner', 'admin', 'member', 'peer', 'guest', 'outsider', 'anonymous'] as const
export type Persona = (typeof PERSONAS)[number]
type Work<T> = (sql: postgres.TransactionSql) => Promise<T>
// biome-ignore lint/suspicious/noExplicitAny: rows and JSON of any shape, which expectations then pin down
export type Row = Record<string, any>

/**
 * A workspace with every role, and the places that tell them apart: `general` and `random` (everybody but the guest),
 * `lobby` (public, only the owner joined), `secret` (private: member and guest), `direct` (member and peer), and the
 * outsider's own `elsewhere`. Each has one message, by the first person named.
 */
export type World = {
  database: TestDatabase
  id: Record<Exclude<Persona, 'anonymous'>, string>
  workspace: string
  elsewhere: string
  channel: Record<'general' | 'random' | 'lobby' | 'secret' | 'direct' | 'elsewhere', string>
  message: Record<'general' | 'lobby' | 'secret' | 'direct' | 'elsewhere', string>
  /** As this person; nothing of it stays. */
  as<T>(who: Persona, work: Work<T>): Promise<T>
  /** As this person; it is committed. */
  commit<T>(who: Persona, work: Work<T>): Promise<T>
  /** Several people one after another in one transaction; nothing of it stays. */
  scene<T>(work: (speak: (who: Persona) => Promise<postgres.TransactionSql>) => Promise<T>): Promise<T>
  /** Makes an account that is in no workspace. */
  signUp(name: string, email?: string): Promise<string>
  /** Signs an account in: the claims of its token, with a session behind them. */
  signIn(person: string, proof?: Proof): Promise<Row>
  /** With a token's claims; nothing of it stays unless `commit`. */
  withToken<T>(token: Row, work: Work<T>, commit?: 'commit'): Promise<T>
  stop(): Promise<void>
}

/** How somebody proved who they are. */
export type Proof = { aal?: 'aal1' | 'aal2'; method?: string; provider?: string }

class RolledBack extends Error {
  readonly result: unknown
  constructor(result: unknown) {
    super('rolled back')
    this.result = result
  }
}

/** Turns a connection of `authenticator` into a person, as the REST service does. */
export async function become(sql: postgres.TransactionSql, userId: string | null, email?: string) {
  await bear(sql, userId ? { sub: userId, email } : null)
}

/** Turns a connection of `authenticator` into whoever has a token with these claims; null: nobody. */
export async function bear(sql: postgres.TransactionSql, token: Row | null) {
  const role = token ? 'authenticated' : 'anon'
  const claims = JSON.stringify({ role, ...token })
  // As at the start of a request: what was found out about the caller before is not known.
  await sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true),
    set_config('person.token', '', true)`
}

/** The stable code of a refusal, else its SQLSTATE; a promise that is kept is a failure. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error
    return /^(PT\d{3}|23505)$/.test(error.code) && /^[a-z_]+$/.test(error.detail ?? '')
      ? String(error.detail)
      : error.code
  }
  throw new Error('It was allowed')
}

/** What an RPC that returns jsonb answers. */
export async function call(sql: postgres.TransactionSql, name: string, args: Row = {}): Promise<Row> {
  const names = Object.keys(args)
  const list = names.map((key, n) => `${key} => $${n + 1}`).join(', ')
  const [row] = await sql.unsafe(`select public.${name}(${list}) as answer`, Object.values(args))
  return row?.answer
}

export const newId = () => uuidv7()

/** The world in a database of its own, or in that of a running server. */
export async function openWorld(given?: TestDatabase): Promise<World> {
  const database = given ?? (await startTestDatabase())
  const emails = new Map<string, string>()

  const signUp = async (name: string, email = `${randomUUID()}@example.org`) => {
    const id = randomUUID()
    await database.admin`insert into auth.users (id, email, raw_user_meta_data)
      values (${id}, ${email}, ${database.admin.json({ display_name: name })})`
    emails.set(id, email)
    return id
  }
  const id = {
    owner: await signUp('Olga Owner', 'olga@acme.test'),
    admin: await signUp('Adam Admin', 'adam@acme.test'),
    member: await signUp('Mia Member', 'mia@acme.test'),
    peer: await signUp('Pete Peer', 'pete@acme.test'),
    guest: await signUp('Gus Guest', 'gus@agency.test'),
    outsider: await signUp('Otto Outsider', 'otto@other.test'),
  }
  const personOf = (who: Persona) => (who === 'anonymous' ? null : id[who])
  const step = async (sql: postgres.TransactionSql, who: Persona) => {
    const person = personOf(who)
    await become(sql, person, person ? emails.get(person) : undefined)
    return sql
  }
  const commit: World['commit'] = async (who, work) =>
    (await database.api.begin(async (sql) => work(await step(sql, who)))) as never
  const scene: World['scene'] = async (work) => {
    try {
      await database.api.begin(async (sql) => {
        throw new RolledBack(await work((who) => step(sql, who)))
      })
    } catch (error) {
      if (error instanceof RolledBack) return error.result as never
      throw error
    }
    throw new Error('unreachable')
  }
  const as: World['as'] = (who, work) => scene(async (speak) => work(await speak(who)))

  const create = (name: string) => (sql: postgres.TransactionSql) => call(sql, 'create_workspace', { name })
  const workspace: string = (await commit('owner', create('Acme'))).id
  const elsewhere: string = (await commit('outsider', create('Elsewhere'))).id
  await database.admin`insert into public.workspace_members (workspace_id, user_id, role) values
    (${workspace}, ${id.admin}, 'admin'), (${workspace}, ${id.member}, 'member'),
    (${workspace}, ${id.peer}, 'member'), (${workspace}, ${id.guest}, 'guest')`
  for (const person of [id.admin, id.member, id.peer]) {
    await database.admin`select private.join_default_channels(${workspace}, ${person})`
  }
  const named = async (name: string, where: string): Promise<string> =>
    (await database.admin`select id from public.channels where name = ${name} and workspace_id = ${where}`)[0]
      ?.id
  const open = (kind: string, name: string, members: string[]) => (sql: postgres.TransactionSql) =>
    call(sql, 'create_channel', { workspace_id: workspace, kind, name, member_ids: members })
  const channel = {
    general: await named('general', workspace),
    random: await named('random', workspace),
    lobby: (await commit('owner', open('public', 'lobby', []))).id as string,
    secret: (await commit('member', open('private', 'secret', [id.guest]))).id as string,
    direct: (
      await commit('member', (sql) =>
        call(sql, 'open_direct', { workspace_id: workspace, user_ids: [id.peer] }),
      )
    ).id as string,
    elsewhere: await named('general', elsewhere),
  }
  const write = async (who: Persona, channelId: string, body: string) => {
    const messageId = newId()
    await commit(
      who,
      (sql) => sql`insert into messages (id, channel_id, body) values (${messageId}, ${channelId}, ${body})`,
    )
    return messageId
  }
  const message = {
    general: await write('owner', channel.general, 'Welcome, everybody'),
    lobby: await write('owner', channel.lobby, 'Nobody here yet'),
    secret: await write('member', channel.secret, 'Between us'),
    direct: await write('member', channel.direct, 'Lunch?'),
    elsewhere: await write('outsider', channel.elsewhere, 'Another company'),
  }
  const signIn: World['signIn'] = async (person, { aal = 'aal1', method = 'password', provider } = {}) => {
    const session_id = randomUUID()
    await database.admin`insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
      values (${session_id}, ${person}, now(), now(), ${aal}, 'Test browser', '192.0.2.7')`
    await database.admin`insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
      values (${randomUUID()}, ${session_id}, now(), now(), ${method})`
    const amr = [{ method, timestamp: 1, ...(provider ? { provider } : {}) }]
    return { sub: person, email: emails.get(person), session_id, aal, amr }
  }
  const withToken: World['withToken'] = async (token, work, commit) => {
    let answer: { result: unknown } | undefined
    try {
      await database.api.begin(async (sql) => {
        await bear(sql, token)
        answer = { result: await work(sql) }
        if (!commit) throw new RolledBack(answer.result)
      })
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error
    }
    return answer?.result as never
  }
  const stop = () => database.stop()
  return {
    ...{ database, id, workspace, elsewhere, channel, message },
    ...{ as, commit, scene, signUp, signIn, withToken, stop },
  }
}
