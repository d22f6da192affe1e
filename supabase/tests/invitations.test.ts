import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { become, call, openWorld, type Persona, type Row, refusal, type World } from './personas'

let world: World
let byAdmin: Row
let byMember: Row
beforeAll(async () => {
  world = await openWorld()
  byAdmin = await world.commit('admin', (sql) =>
    call(sql, 'create_invitation', { workspace_id: world.workspace }),
  )
  byMember = await world.commit('member', (sql) =>
    call(sql, 'create_invitation', { workspace_id: world.workspace }),
  )
})
afterAll(() => world.stop())

const seen = (who: Persona) =>
  world.as(who, (sql) => sql`select id from invitations`.then((rows) => rows.length))
const invite = (who: Persona, args: Row = {}) =>
  world.as(who, (sql) => call(sql, 'create_invitation', { workspace_id: world.workspace, ...args }))
const revoke = (who: Persona, invitation: Row) =>
  world.as(who, (sql) => call(sql, 'revoke_invitation', { invitation_id: invitation.id }))
const preview = (who: Persona, code: string) =>
  world.as(who, (sql) => call(sql, 'preview_invitation', { code }))
const accept = (who: Persona, code: string) =>
  world.as(who, (sql) => call(sql, 'accept_invitation', { code }))

describe('owner', () => {
  test('sees all, invites in any role but owner, and withdraws', async () => {
    expect(await seen('owner')).toBe(2)
    expect(await invite('owner', { role: 'admin' })).toMatchObject({ role: 'admin' })
    expect(await refusal(invite('owner', { role: 'owner' }))).toBe('not_allowed')
    expect(await revoke('owner', byMember)).toMatchObject({ id: byMember.id })
  })
})

describe('admin', () => {
  test('sees all, invites members and guests, and withdraws', async () => {
    expect(await seen('admin')).toBe(2)
    expect(await invite('admin', { role: 'guest' })).toMatchObject({ role: 'guest' })
    expect(await refusal(invite('admin', { role: 'admin' }))).toBe('not_allowed')
    expect((await revoke('admin', byMember)).revoked_at).not.toBeNull()
  })
})

describe('member', () => {
  test('sees and withdraws only the own ones', async () => {
    expect(await seen('member')).toBe(1)
    expect(await seen('peer')).toBe(0)
    expect((await revoke('member', byMember)).revoked_at).not.toBeNull()
    expect(await refusal(revoke('member', byAdmin))).toBe('invitation_not_found')
    expect(await refusal(invite('member', { role: 'admin' }))).toBe('not_allowed')
  })
})

describe('guest', () => {
  test('neither sees nor invites nor withdraws', async () => {
    expect(await seen('guest')).toBe(0)
    expect(await refusal(invite('guest'))).toBe('not_allowed')
    expect(await refusal(revoke('guest', byAdmin))).toBe('invitation_not_found')
  })

  test("stays a guest with a member's link", async () => {
    await accept('guest', byAdmin.code)
    await world.scene(async (speak) => {
      const sql = await speak('guest')
      await call(sql, 'accept_invitation', { code: byAdmin.code })
      expect(await sql`select role from workspace_members where user_id = ${world.id.guest}`).toEqual([
        { role: 'guest' },
      ])
    })
  })
})

describe('outsider', () => {
  test('sees none, and enters with a code', async () => {
    expect(await seen('outsider')).toBe(0)
    expect(await refusal(invite('outsider'))).toBe('workspace_not_found')
    expect(await refusal(revoke('outsider', byAdmin))).toBe('invitation_not_found')
    await world.scene(async (speak) => {
      const sql = await speak('outsider')
      expect(await call(sql, 'preview_invitation', { code: byAdmin.code })).toMatchObject({
        workspace: { name: 'Acme', slug: 'acme' },
        role: 'member',
        email: null,
        invited_by: { display_name: 'Adam Admin' },
      })
      expect(await call(sql, 'accept_invitation', { code: ` ${byAdmin.code}\n` })).toMatchObject({
        slug: 'acme',
      })
      const joined = await sql`select c.name from channel_members m join channels c on c.id = m.channel_id
        where m.user_id = ${world.id.outsider} and m.workspace_id = ${world.workspace} order by 1`
      expect(joined).toEqual([{ name: 'general' }, { name: 'random' }])
      await call(sql, 'accept_invitation', { code: byAdmin.code })
      await speak('admin')
      expect(await sql`select uses from invitations where id = ${byAdmin.id}`).toEqual([{ uses: 1 }])
    })
  })
})

describe('anonymous', () => {
  test('sees what a code leads to, and nothing else', async () => {
    expect(await preview('anonymous', byMember.code)).toMatchObject({ workspace: { slug: 'acme' } })
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(accept('anonymous', byMember.code))).toBe('42501')
    expect(await refusal(preview('anonymous', 'guessed'))).toBe('invitation_not_found')
  })
})

describe('codes', () => {
  test('are random, and only a hash is kept where nobody can select it', async () => {
    expect(byAdmin.code).toMatch(/^[\w-]{24}$/)
    expect(byAdmin.code).not.toBe(byMember.code)
    const everything = await world.database
      .admin`select to_jsonb(i)::text || coalesce(to_jsonb(c)::text, '') as text
      from invitations i left join private.invitation_codes c on c.invitation_id = i.id`
    expect(everything.map((row) => row.text).join()).not.toContain(byAdmin.code)
    const [kept] = await world.database
      .admin`select code_hash from private.invitation_codes where invitation_id = ${byAdmin.id}`
    expect(kept?.code_hash).toEqual(createHash('sha256').update(byAdmin.code).digest())
    expect(await refusal(world.as('owner', (sql) => sql`select * from private.invitation_codes`))).toBe(
      '42501',
    )
  })

  test.each([
    ['invitation_expired', "expires_at = now() - interval '1 second'"],
    ['invitation_revoked', 'revoked_at = now()'],
    ['invitation_used_up', 'max_uses = 1, uses = 1'],
    ['invitation_not_found', null],
  ])('are refused, when looked at and when used: %s', async (code, change) => {
    const made = await world.commit('admin', (sql) =>
      call(sql, 'create_invitation', { workspace_id: world.workspace }),
    )
    if (change) await world.database.admin.unsafe(`update invitations set ${change} where id = '${made.id}'`)
    else await world.database.admin`delete from invitations where id = ${made.id}`
    expect(await refusal(preview('anonymous', made.code))).toBe(code)
    expect(await refusal(accept('outsider', made.code))).toBe(code)
  })

  test('for one address open to that account only', async () => {
    const made = await world.commit('owner', (sql) =>
      call(sql, 'create_invitation', { workspace_id: world.workspace, email: ' Otto@OTHER.test ' }),
    )
    expect(made).toMatchObject({ email: 'otto@other.test', max_uses: 1 })
    const other = await world.signUp('Eve', 'otto@other.test.evil')
    const eve = world.database.api.begin(async (sql) => {
      // Claims of a token say nothing here: the account's address counts.
      await become(sql, other, 'otto@other.test')
      await call(sql, 'accept_invitation', { code: made.code })
    })
    expect(await refusal(eve)).toBe('invitation_for_other_email')
    expect(await accept('outsider', made.code)).toMatchObject({ slug: 'acme' })
  })

  test('with one use let one of ten in', async () => {
    const made = await world.commit('owner', (sql) =>
      call(sql, 'create_invitation', { workspace_id: world.workspace, max_uses: 1 }),
    )
    const people = await Promise.all(Array.from({ length: 10 }, (_, n) => world.signUp(`Racer ${n}`)))
    const answers = await Promise.all(
      people.map((person) =>
        world.database.api
          .begin(async (sql) => {
            await become(sql, person)
            await call(sql, 'accept_invitation', { code: made.code })
            return 'in'
          })
          .catch((error) => error.detail),
      ),
    )
    expect(answers.filter((answer) => answer === 'in')).toHaveLength(1)
    expect(new Set(answers)).toEqual(new Set(['in', 'invitation_used_up']))
  })

  test.each([
    ['invitation_invalid', { max_uses: 0 }],
    ['invitation_invalid', { expires_in: '-1 day' }],
    ['invitation_invalid', { expires_in: '10 years' }],
    ['email_invalid', { email: 'nobody' }],
    ['email_invalid', { email: 'a@evil.test@acme.test' }],
    ['already_member', { email: 'MIA@acme.test' }],
  ])('are not made: %s', async (code, args) => {
    expect(await refusal(invite('owner', args))).toBe(code)
  })
})

test('whether an address belongs to a member is told to nobody who cannot see the members', async () => {
  const about = (who: Persona, email: string) => refusal(invite(who, { email }))
  // Control: those who see them are told.
  for (const who of ['owner', 'admin', 'member'] as const) {
    expect(await about(who, 'pete@acme.test')).toBe('already_member')
  }
  for (const who of ['guest', 'outsider', 'anonymous'] as const) {
    const [member, nobody] = [await about(who, 'pete@acme.test'), await about(who, 'nobody@acme.test')]
    expect(member, who).toBe(nobody)
    expect(member).toMatch(/^(not_allowed|workspace_not_found|42501)$/)
  }
})
