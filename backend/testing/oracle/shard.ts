import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import type { Random } from '../fuzz/random'
import type { Change } from './expected'
import type { Json } from './socket'

/** Companies that have nothing to do with each other: each makes its steps while the others make theirs. */
export type Shard = {
  number: number
  people: string[]
  workspaces: string[]
  /** Workspace by channel. */
  channels: Map<string, string>
  /** The newest messages. */
  messages: { id: string; channel: string; thread: boolean }[]
}

const NAMES = ['Ada', 'Bob', 'Cyd', 'Dan', 'Eve']
const KEPT_MESSAGES = 40

/** People, two workspaces and a few channels; written as the service role writes, so that triggers do the rest. */
export async function makeShard(admin: postgres.Sql, number: number): Promise<Shard> {
  const shard: Shard = { number, people: [], workspaces: [], channels: new Map(), messages: [] }
  for (const name of NAMES) shard.people.push(await signUp(admin, `${name} ${number}`))
  for (const slug of [`one-${number}`, `two-${number}`]) {
    const [owner, ...others] = slug.startsWith('one') ? shard.people : [...shard.people].reverse()
    const [made] =
      await admin`insert into public.workspaces (slug, name, created_by) values (${slug}, ${slug}, ${owner ?? ''}) returning id`
    shard.workspaces.push(made?.id)
    const roles = ['owner', 'admin', 'member', 'guest', 'member']
    for (const [i, person] of [owner ?? '', ...others].entries()) {
      if (slug.startsWith('two') && i > 2) break
      await admin`insert into public.workspace_members (workspace_id, user_id, role)
        values (${made?.id}, ${person}, ${roles[i] ?? 'member'})`
    }
    for (const kind of ['public', 'private']) {
      const [channel] = await admin`insert into public.channels (workspace_id, kind, name, created_by)
        values (${made?.id}, ${kind}, ${`${kind}-1`}, ${owner ?? ''}) returning id`
      shard.channels.set(channel?.id, made?.id)
      await admin`insert into public.channel_members (channel_id, user_id, workspace_id)
        select ${channel?.id}, user_id, workspace_id from public.workspace_members
        where workspace_id = ${made?.id} and (${kind} = 'public' or role in ('owner', 'guest'))`
    }
  }
  return shard
}

export async function signUp(admin: postgres.Sql, name: string): Promise<string> {
  const id = randomUUID()
  await admin`insert into auth.users (id, email, raw_user_meta_data)
    values (${id}, ${`${id}@example.org`}, ${admin.json({ display_name: name })})`
  return id
}

/** A token's claims: of a sign-in with a session behind it, or of the legacy secret, which has none. */
export async function signIn(admin: postgres.Sql, person: string, random: Random): Promise<Json> {
  const claims = { sub: person, role: 'authenticated', aud: 'authenticated', exp: 4_000_000_000, aal: 'aal1' }
  if (random.chance(0.2)) return { ...claims, nonce: random.below(2 ** 30) }
  const aal = random.chance(0.3) ? 'aal2' : 'aal1'
  const session_id = randomUUID()
  await admin`insert into auth.sessions (id, user_id, created_at, updated_at, aal)
    values (${session_id}, ${person}, now(), now(), ${aal})`
  return { ...claims, aal, session_id, amr: [{ method: 'password', timestamp: 1 }] }
}

/** Keeps what a shard knows of itself up to date. */
export function follow(shard: Shard, { name, op, old, new: row }: Change): void {
  if (name === 'channels') {
    if (op === 'DELETE') shard.channels.delete(old.id)
    else shard.channels.set(row.id, row.workspace_id)
  }
  if (name !== 'messages') return
  const id = (row ?? old).id
  shard.messages = shard.messages.filter((message) => message.id !== id)
  if (op === 'DELETE' || row.deleted_at) return
  shard.messages.push({ id, channel: row.channel_id, thread: row.thread_id !== null })
  if (shard.messages.length > KEPT_MESSAGES) shard.messages.shift()
}
