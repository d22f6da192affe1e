import { randomUUID } from 'node:crypto'
import { hash } from '@node-rs/bcrypt'
import { DAY, MINUTE } from './calendar.mjs'
import { makeRandom } from './random.mjs'
import { membersOf } from './script.mjs'

const BATCH = 400
export const DOMAIN = 'northwind.example'

/** Accounts that can sign in. Resolves with their ids by key. */
export async function createAccounts(sql, people, password) {
  const ids = {}
  for (const { key, name, email, zone, locale, status } of people) {
    const id = randomUUID()
    const address = `${email}@${DOMAIN}`
    const identity = { sub: id, email: address, email_verified: true, phone_verified: false }
    const account = {
      instance_id: '00000000-0000-0000-0000-000000000000',
      ...{ id, aud: 'authenticated', role: 'authenticated', email: address },
      encrypted_password: await hash(password, { cost: 10 }),
      email_confirmed_at: new Date(),
      ...{ confirmation_token: '', recovery_token: '', email_change_token_new: '', email_change: '' },
      raw_app_meta_data: sql.json({ provider: 'email', providers: ['email'] }),
      // The name of the address makes the handle; the real one, in its own script, follows.
      raw_user_meta_data: sql.json({ display_name: email }),
      ...{ created_at: new Date(), updated_at: new Date() },
    }
    await sql`insert into auth.users ${sql(account)}`
    await sql`insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
      values (${id}, ${id}, ${sql.json(identity)}, 'email', null, now(), now())`
    await sql`update auth.users set raw_user_meta_data = ${sql.json({ display_name: name })} where id = ${id}`
    const [status_emoji, status_text] = status ?? [null, null]
    const profile = { display_name: name, handle: email, time_zone: zone, locale, status_emoji, status_text }
    await sql`update public.profiles set ${sql(profile)} where id = ${id}`
    ids[key] = id
  }
  return ids
}

/** The workspace with its channels and conversations, made through the functions that people use. */
export async function createPlaces(sql, { workspace, channels, directs, people }, ids, started) {
  const owner = people.find(({ role }) => role === 'owner')
  const made = await callAs(sql, ids[owner.key], 'create_workspace', workspace)
  const others = people.filter((person) => person !== owner)
  for (const { key, role } of others) {
    await sql`insert into public.workspace_members (workspace_id, user_id, role) values (${made.id}, ${ids[key]}, ${role})`
    if (role !== 'guest') await sql`select private.join_default_channels(${made.id}, ${ids[key]})`
  }
  for (const place of channels) {
    const { name, kind = 'public', topic = '', purpose = '', members } = place
    const [known] =
      await sql`select id from public.channels where workspace_id = ${made.id} and name = ${name}`
    const args = {
      workspace_id: made.id,
      kind,
      name,
      topic,
      purpose,
      member_ids: Array.from(members, (key) => ids[key]),
    }
    place.id = known?.id ?? (await callAs(sql, ids[members[0]], 'create_channel', args)).id
    if (known) await sql`update public.channels set topic = ${topic} where id = ${place.id}`
  }
  for (const place of directs) {
    const user_ids = place.members.map((key) => ids[key])
    place.id = (await callAs(sql, user_ids[0], 'open_direct', { workspace_id: made.id, user_ids })).id
  }
  const at = new Date(started - DAY)
  await sql`update public.workspaces set created_at = ${at} where id = ${made.id}`
  await sql`update public.channels set created_at = ${at}, default_at = case when default_at is not null then ${at}::timestamptz end
    where workspace_id = ${made.id}`
  await sql`update public.workspace_members set joined_at = ${at} where workspace_id = ${made.id}`
  await sql`update public.channel_members set joined_at = ${at} where workspace_id = ${made.id}`
  return made.id
}

/** Messages and reactions, oldest first: triggers number them as they number live ones. */
export async function writeMessages(sql, script, ids) {
  for (let from = 0; from < script.length; from += BATCH) {
    const part = script.slice(from, from + BATCH)
    const messages = part.map(({ id, place, author, at, body, root }) => ({
      ...{ id, channel_id: place.id, user_id: ids[author], thread_id: root, body, created_at: new Date(at) },
    }))
    const reactions = part.flatMap(({ id, place, at, reactions: list }) =>
      list.flatMap(({ emoji, people }) =>
        people.map((key, n) => ({
          ...{ message_id: id, channel_id: place.id, user_id: ids[key], emoji },
          created_at: new Date(at + (n + 1) * MINUTE),
        })),
      ),
    )
    await sql.begin(async (tx) => {
      await tx`insert into public.messages ${tx(messages)}`
      if (reactions.length > 0) await tx`insert into public.reactions ${tx(reactions)}`
    })
  }
}

/** Traces of life: edits, two deleted messages, channels read up to different places, a draft, stars. */
export async function liveIn(sql, { channels, directs, people }, script, ids) {
  const random = makeRandom(7)
  const plain = random.shuffle(script.filter(({ root, reactions }) => !root && reactions.length === 0))
  for (const { id, at, body } of plain.slice(0, 40)) {
    await sql`update public.messages set body = ${`${body} `}, edited_at = ${new Date(at + 2 * MINUTE)} where id = ${id}`
  }
  for (const { id, at } of plain.slice(40, 46)) {
    await sql`update public.messages set body = '', mentions = '{}', mentions_all = false,
      deleted_at = ${new Date(at + 5 * MINUTE)} where id = ${id}`
  }
  for (const place of channels) {
    if (place.archived)
      await sql`update public.channels set archived_at = now() - interval '40 days' where id = ${place.id}`
  }
  const owner = people.find(({ role }) => role === 'owner')
  for (const place of [...channels, ...directs]) {
    for (const key of membersOf(place, people)) {
      const behind = key === owner.key ? (place.last?.length ?? 0) : random.pick([0, 0, 0, 1, 2, 5])
      await sql`update public.read_states r set last_read_seq = greatest(h.last_seq - ${behind}, 0)
        from public.channel_heads h
        where h.channel_id = r.channel_id and r.channel_id = ${place.id} and r.user_id = ${ids[key]}`
    }
  }
  const named = (name) => channels.find((channel) => channel.name === name).id
  const mine = ids[owner.key]
  await sql`update public.channel_members set starred_at = now()
    where user_id = ${mine} and channel_id in ${sql([named('launch-atlas'), named('leadership')])}`
  await sql`update public.channel_members set muted_at = now() where user_id = ${mine} and channel_id = ${named('random')}`
  await sql`insert into public.drafts (user_id, channel_id, body)
    values (${mine}, ${named('product')}, 'Before we decide: what would we stop doing for it?')`
}

/** Takes a half-made demo away again. */
export async function removeAll(sql, slug, people) {
  await sql`delete from public.workspaces where slug = ${slug}`
  await sql`delete from auth.users where email in ${sql(people.map(({ email }) => `${email}@${DOMAIN}`))}`
}

async function callAs(sql, userId, name, args) {
  const names = Object.keys(args)
  const list = names.map((key, n) => `${key} => $${n + 1}`).join(', ')
  const claims = JSON.stringify({ sub: userId, role: 'authenticated' })
  return await sql.begin(async (tx) => {
    await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`
    const [row] = await tx.unsafe(`select public.${name}(${list}) as answer`, Object.values(args))
    return row.answer
  })
}
