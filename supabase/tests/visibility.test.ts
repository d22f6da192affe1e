import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRandom } from '../../bin/demo/random.mjs'
import { become, call, newId, openWorld, type Row, type World } from './personas'

// What each person sees, after random lives, against rules written a second time and in another way: from the
// membership tables alone, without the access tables that policies use.

type Sql = Parameters<Parameters<World['as']>[1]>[0]
const SEED = Number(process.env.SEED ?? 20_261_123)
const STEPS = 300
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

/** Memberships that count: not those of people who are deactivated. */
const MEMBERS = '(select * from workspace_members where deactivated_at is null)'
const CHANNEL_MEMBERS = `(select c.* from channel_members c join ${MEMBERS} w using (workspace_id, user_id))`
const MY_CHANNELS = `select channel_id from ${CHANNEL_MEMBERS} m where user_id = $1`
const COLLEAGUE_WORKSPACES = `select workspace_id from ${MEMBERS} m where user_id = $1 and role <> 'guest'`
/** Pairs of workspace and person: whom one meets in channels. */
const MET = `select theirs.workspace_id, theirs.user_id
  from ${CHANNEL_MEMBERS} mine join ${CHANNEL_MEMBERS} theirs using (channel_id) where mine.user_id = $1`

/** For each table: whether the person `$1` should see a row `t`. */
const rules: Record<string, string> = {
  workspaces: `t.id in (select workspace_id from ${MEMBERS} m where user_id = $1)`,
  workspace_members: `t.user_id = $1 or t.workspace_id in (${COLLEAGUE_WORKSPACES})
    or (t.workspace_id, t.user_id) in (${MET})`,
  workspace_security: `t.workspace_id in (select workspace_id from ${MEMBERS} m where user_id = $1)`,
  sso_connections: `t.workspace_id in (select workspace_id from ${MEMBERS} m where user_id = $1 and role = 'owner')`,
  profiles: `t.id = $1 or t.id in (select user_id from ${MEMBERS} m where workspace_id in (${COLLEAGUE_WORKSPACES}))
    or t.id in (select user_id from (${MET}) met)`,
  channels: `t.id in (${MY_CHANNELS}) or (t.kind = 'public' and t.workspace_id in (${COLLEAGUE_WORKSPACES}))`,
  channel_members: `t.channel_id in (${MY_CHANNELS})`,
  channel_heads: `t.channel_id in (${MY_CHANNELS})`,
  messages: `t.channel_id in (${MY_CHANNELS})`,
  reactions: `t.channel_id in (${MY_CHANNELS})`,
  attachments: `(t.message_id is null and t.user_id = $1 and t.channel_id in (${MY_CHANNELS}))
    or (t.message_id is not null and t.channel_id in (select c.id from channels c
      where c.id in (${MY_CHANNELS}) or (c.kind = 'public' and c.workspace_id in (${COLLEAGUE_WORKSPACES}))))`,
  read_states: 't.user_id = $1',
  drafts: 't.user_id = $1',
  invitations: `t.workspace_id in (select workspace_id from ${MEMBERS} m where user_id = $1
    and (role in ('owner', 'admin') or (role = 'member' and t.created_by = $1)))`,
}

/** Whoever is deactivated in all their workspaces sees nothing, not even themselves. */
const SHUT_OUT = `(exists (select from workspace_members m where m.user_id = $1)
  and not exists (select from ${MEMBERS} m where m.user_id = $1))`

test(`everybody sees exactly what they should (SEED=${SEED})`, async () => {
  const random = makeRandom(SEED)
  const { admin, api } = world.database
  const people = Object.values(world.id)
  const workspaces = [world.workspace, world.elsewhere]
  const codes: string[] = []
  let done = 0

  const step = async (sql: Sql) => {
    const user_id = random.pick(people)
    const workspace_id = random.pick(workspaces)
    const ids = await admin`select id from channels where kind <> 'direct'`
    const channel_id = random.pick(ids.map(({ id }) => id))
    const messages = await admin`select id from messages where deleted_at is null`
    const message_id = random.pick(messages.map(({ id }) => id))
    const shutOut =
      await admin`select workspace_id, user_id from workspace_members where deactivated_at is not null`
    const moves: (() => Promise<unknown>)[] = [
      () => call(sql, 'join_channel', { channel_id }),
      () => call(sql, 'leave_channel', { channel_id }),
      () => call(sql, 'add_channel_members', { channel_id, user_ids: [user_id] }),
      () => call(sql, 'add_channel_members', { channel_id, user_ids: [user_id] }),
      () => call(sql, 'remove_channel_member', { channel_id, user_id }),
      () =>
        call(sql, 'set_member_role', {
          workspace_id,
          user_id,
          role: random.pick(['admin', 'member', 'guest', 'owner']),
        }),
      () => call(sql, 'remove_workspace_member', { workspace_id, user_id }),
      () => call(sql, 'deactivate_member', { workspace_id, user_id }),
      () => call(sql, 'reactivate_member', random.pick(shutOut) ?? { workspace_id, user_id }),
      () => call(sql, 'reactivate_member', random.pick(shutOut) ?? { workspace_id, user_id }),
      () => call(sql, 'leave_workspace', { workspace_id }),
      () => call(sql, 'accept_invitation', { code: random.pick(codes) ?? '' }),
      () => call(sql, 'accept_invitation', { code: random.pick(codes) ?? '' }),
      async () => {
        const role = random.pick(['member', 'guest'])
        codes.push((await call(sql, 'create_invitation', { workspace_id, role })).code)
      },
      () =>
        call(sql, 'create_channel', {
          workspace_id,
          kind: random.pick(['public', 'private']),
          name: `channel-${done}`,
          member_ids: random.next() < 0.5 ? [user_id] : [],
        }),
      () => call(sql, 'open_direct', { workspace_id, user_ids: [user_id, random.pick(people)] }),
      () => call(sql, random.pick(['archive_channel', 'unarchive_channel']), { channel_id }),
      () => sql`insert into messages ${sql({ id: newId(), channel_id, body: 'Hello' })}`,
      () => sql`insert into messages ${sql({ id: newId(), channel_id, body: 'Hello' })}`,
      async () => {
        const id = newId()
        await sql`insert into attachments ${sql({ id, channel_id, name: 'a.txt', type: 'text/plain', size: 1 })}`
        if (random.next() < 0.3) return
        await sql`insert into storage.objects (bucket_id, name) values ('attachments', ${`${channel_id}/${id}`})`
        await sql`insert into messages ${sql({ id: newId(), channel_id, body: '', attachments: sql.json([id]) })}`
      },
      () => sql`insert into reactions ${sql({ message_id, emoji: '👍' })}`,
      () => sql`insert into drafts ${sql({ channel_id, body: 'Later' })}`,
      () => call(sql, 'delete_message', { message_id }),
      () => call(sql, 'mark_read', { channel_id, seq: 1 }),
    ]
    await random.pick(moves)()
    done += 1
  }

  const compare = async () => {
    for (const person of people) {
      await api.begin(async (sql) => {
        await become(sql, person)
        for (const [table, rule] of Object.entries(rules)) {
          const seen = await sql.unsafe(`select t::text as row from public.${table} t order by 1`)
          const due = await admin.unsafe(
            `select t::text as row from public.${table} t where not ${SHUT_OUT} and (${rule}) order by 1`,
            [person],
          )
          expect(
            seen.map((r: Row) => r.row),
            `${table} of ${person} after ${done} steps`,
          ).toEqual(due.map((r: Row) => r.row))
        }
      })
    }
    // The access tables and counters say what the memberships say.
    const strays = await admin.unsafe(`
      select 'channel' from ((select user_id, channel_id, workspace_id from private.channel_access
          except select user_id, channel_id, workspace_id from ${CHANNEL_MEMBERS} m)
        union all (select user_id, channel_id, workspace_id from ${CHANNEL_MEMBERS} m
          except select user_id, channel_id, workspace_id from private.channel_access)) a
      union all select 'workspace' from ((select user_id, workspace_id, role from private.workspace_access
          except select user_id, workspace_id, role from ${MEMBERS} m)
        union all (select user_id, workspace_id, role from ${MEMBERS} m
          except select user_id, workspace_id, role from private.workspace_access)) b
      union all select 'count' from public.channel_heads h
        where h.member_count <> (select count(*) from public.channel_members m where m.channel_id = h.channel_id)`)
    expect(strays).toEqual([])
  }

  for (let n = 0; n < STEPS; n++) {
    // Most steps are refused to most people: that is part of the game.
    await api
      .begin(async (sql) => {
        await become(sql, random.pick(people))
        await step(sql)
      })
      .catch((error) => {
        if (!/^(PT\d{3}|42501|23505)$/.test(error.code)) throw error
      })
    if (n % 50 === 49) await compare()
  }
  expect(done).toBeGreaterThan(STEPS / 5)
})
