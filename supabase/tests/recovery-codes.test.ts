import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { call, openWorld, type Row, refusal, type World } from './personas'

let world: World
let strong: Row
let weak: Row
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  const { admin } = world.database
  await admin`delete from auth.mfa_factors`
  await admin`delete from private.recovery_tries`
  await admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (${randomUUID()}, ${world.id.member}, 'totp', 'verified', now(), now())`
  strong = await world.signIn(world.id.member, { aal: 'aal2' })
  weak = await world.signIn(world.id.member)
})
afterAll(() => world.stop())

const create = (token: Row): Promise<string[]> =>
  world.withToken(token, (sql) => call(sql, 'create_recovery_codes'), 'commit') as Promise<string[]>
const left = (token: Row) => world.withToken(token, (sql) => call(sql, 'recovery_codes_left'))
const use = (token: Row, code: string) =>
  world.withToken(token, (sql) => call(sql, 'use_recovery_code', { code }), 'commit')
const wrong = { code: 'PT422', details: 'recovery_code_wrong' }

describe('making codes', () => {
  test('gives ten that are all different and are kept as hashes only', async () => {
    const codes = await create(strong)
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/)
    expect(await left(strong)).toBe(10)
    const kept = await world.database.admin`select t::text as row from private.recovery_codes t`
    expect(kept).toHaveLength(10)
    for (const { row } of kept) for (const code of codes) expect(row).not.toContain(code)
  })

  test('ends those made before', async () => {
    const [before] = await create(strong)
    const [after] = await create(strong)
    expect(await use(weak, before ?? '')).toMatchObject(wrong)
    expect(await use(weak, after ?? '')).toMatchObject({ ok: true })
  })

  test('is for a sign-in with the second factor', async () => {
    expect(await refusal(create(weak))).toBe('session_not_enough')
    await world.database.admin`delete from auth.mfa_factors`
    expect(await refusal(create(weak))).toBe('second_factor_needed')
    expect(await refusal(create(strong))).toBe('second_factor_needed')
    expect(await refusal(world.as('anonymous', (sql) => call(sql, 'create_recovery_codes')))).toBe('42501')
    expect(await refusal(world.as('anonymous', (sql) => call(sql, 'recovery_codes_left')))).toBe('42501')
  })
})

describe('using a code', () => {
  test('takes the second factor off, once', async () => {
    const [code = ''] = await create(strong)
    expect(await world.withToken(weak, (sql) => sql`select id from channels`)).toEqual([])
    // As it was written down: capitals, other separators, O for zero.
    expect(
      await use(weak, ` ${code.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O')} `),
    ).toMatchObject({
      ...{ ok: true, second_factor: 'none' },
    })
    expect(await world.withToken(weak, (sql) => sql`select id from channels`)).not.toEqual([])
    expect(await world.database.admin`select from auth.mfa_factors`).toHaveLength(0)
    expect(await use(weak, code)).toMatchObject(wrong)
    // The others end with the factors that they were made beside.
    expect(await left(weak)).toBe(0)
  })

  test('leaves the others as they are while there is another factor', async () => {
    await create(strong)
    const { admin } = world.database
    const [one] =
      await admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
      values (${randomUUID()}, ${world.id.member}, 'totp', 'verified', now(), now()) returning id`
    await admin`delete from auth.mfa_factors where id = ${one?.id}`
    expect(await left(strong)).toBe(10)
    await admin`delete from auth.mfa_factors`
    expect(await left(strong)).toBe(0)
  })

  test('works five times in a quarter of an hour when it is wrong, also at the same moment', async () => {
    const [code = ''] = await create(strong)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        use(weak, 'guess').then(
          (answer) => answer.details,
          (error) => error.detail,
        ),
      ),
    )
    expect(answers.filter((detail) => detail === 'recovery_code_wrong')).toHaveLength(5)
    expect(answers.filter((detail) => detail === 'too_many_tries')).toHaveLength(3)
    // The right one has to wait too, also in another session; other people do not.
    expect(await refusal(use(await world.signIn(world.id.member), code))).toBe('too_many_tries')
    expect(await use(await world.signIn(world.id.peer), code)).toMatchObject(wrong)
    await world.database.admin`update private.recovery_tries set tried_at = tried_at - interval '16 minutes'`
    expect(await use(weak, code)).toMatchObject({ ok: true })
  })

  test('needs a sign-in of the same person that stands', async () => {
    const [code = ''] = await create(strong)
    expect(await use(await world.signIn(world.id.peer), code)).toMatchObject(wrong)
    expect(await refusal(use({ sub: world.id.member }, code))).toBe('session_not_enough')
    await world.database.admin`delete from auth.sessions where id = ${weak.session_id}`
    expect(await refusal(use(weak, code))).toBe('session_not_enough')
    expect(await use(await world.signIn(world.id.member), code)).toMatchObject({ ok: true })
  })
})
