import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type Persona, refusal, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const seen = (who: Persona) =>
  world.as(who, async (sql) => {
    const rows = await sql`select id from profiles`
    const names = Object.entries(world.id).filter(([, id]) => rows.some((row) => row.id === id))
    expect(rows).toHaveLength(names.length)
    return names.map(([name]) => name)
  })
const change = (who: Persona, whose: Exclude<Persona, 'anonymous'>, values: Record<string, string | null>) =>
  world.as(who, (sql) => sql`update profiles set ${sql(values)} where id = ${world.id[whose]} returning *`)
const everybody = ['owner', 'admin', 'member', 'peer', 'guest']

describe.each(['owner', 'admin', 'member'] as const)('%s', (who) => {
  test('sees everybody of the workspace and nobody else', async () => {
    expect(await seen(who)).toEqual(everybody)
  })

  test('changes the own profile only', async () => {
    expect(await change(who, who, { display_name: 'New Name' })).toMatchObject([{ display_name: 'New Name' }])
    expect(await change(who, 'guest', { display_name: 'New Name' })).toEqual([])
  })
})

describe('guest', () => {
  test('sees people of shared channels, not the rest of the workspace', async () => {
    expect(await seen('guest')).toEqual(['member', 'guest'])
  })

  test('changes the own profile only', async () => {
    expect(await change('guest', 'guest', { status_text: 'Here' })).toMatchObject([{ status_text: 'Here' }])
    expect(await change('guest', 'member', { status_text: 'Here' })).toEqual([])
  })
})

describe('outsider', () => {
  test('sees and changes nobody but themselves', async () => {
    expect(await seen('outsider')).toEqual(['outsider'])
    expect(await change('outsider', 'outsider', { status_text: 'Here' })).toHaveLength(1)
    expect(await change('outsider', 'owner', { status_text: 'Here' })).toEqual([])
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(change('anonymous', 'owner', { status_text: 'Here' }))).toBe('42501')
  })
})

describe('sign-up', () => {
  const profileOf = async (meta: unknown, localPart: string | null) => {
    const id = randomUUID()
    const email = localPart && `${localPart}@${id}.test`
    const sql = world.database.admin
    await sql`insert into auth.users (id, email, raw_user_meta_data) values (${id}, ${email}, ${sql.json(meta as never)})`
    const [profile] = await sql`select * from profiles where id = ${id}`
    return profile
  }

  test('takes the display name, else the address, and derives a handle', async () => {
    expect(await profileOf({ display_name: '  Ada   Lovelace ' }, 'a')).toMatchObject({
      display_name: 'Ada Lovelace',
      handle: 'ada.lovelace',
    })
    expect(await profileOf({ display_name: '\u200b \u202e' }, 'grace.hopper')).toMatchObject({
      display_name: 'grace.hopper',
      handle: 'grace.hopper',
    })
    expect(await profileOf({ display_name: '王小明' }, 'xm.wang')).toMatchObject({
      display_name: '王小明',
      handle: 'xm.wang',
    })
    expect(await profileOf(null, null)).toMatchObject({ display_name: 'New person', handle: 'new.person' })
  })

  test('takes the name that another site knows', async () => {
    expect(await profileOf({ full_name: 'Ada King', name: 'ada' }, 'a.king')).toMatchObject({
      display_name: 'Ada King',
    })
    expect(await profileOf({ display_name: ' ', name: 'Grace' }, 'g')).toMatchObject({
      display_name: 'Grace',
    })
    expect(await profileOf({ display_name: 'Chosen', full_name: 'Given' }, 'c')).toMatchObject({
      display_name: 'Chosen',
    })
  })

  test('never gives a handle that means a group', async () => {
    expect((await profileOf({ display_name: 'Everyone' }, 'e'))?.handle).toBe('everyone2')
  })

  test.each([
    ['an object as name', { display_name: { a: 1 } }],
    ['a number as name', { display_name: 7 }],
    ['10,000 characters', { display_name: 'x'.repeat(10_000) }],
    ['an emoji cut in the middle', { display_name: '👩‍👩‍👧'.repeat(80) }],
    ['5,000 combining marks', { display_name: `a${'\u0301'.repeat(5000)}` }],
    ['a list instead of metadata', []],
  ])('never fails: %s', async (_, meta) => {
    const profile = await profileOf(meta, 'someone')
    expect(profile?.display_name.length).toBeGreaterThan(0)
    expect(profile?.handle).toMatch(/^[a-z0-9]/)
  })

  test('gives 20 people of one name at one moment 20 handles', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => profileOf({ display_name: 'Sam Same' }, 's')),
    )
    expect(new Set(made.map((profile) => profile?.handle)).size).toBe(20)
  })
})

describe('changes', () => {
  test.each([
    ['name_blank', { display_name: '\u200b\u2060 \u3164' }],
    ['name_too_long', { display_name: 'x'.repeat(81) }],
    ['text_too_long', { status_text: 'x'.repeat(101) }],
    ['handle_taken', { handle: 'ADAM.admin' }],
    ['handle_invalid', { handle: 'here' }],
    ['handle_invalid', { handle: '-x' }],
    ['handle_invalid', { handle: 'аdmin' }],
    ['avatar_url_invalid', { avatar_url: 'javascript:alert(1)' }],
    ['avatar_url_invalid', { avatar_url: '//evil.test/a.png' }],
    ['time_zone_invalid', { time_zone: 'Europe/Nowhere' }],
    ['locale_invalid', { locale: '../en' }],
    ['42501', { id: randomUUID() }],
    ['42501', { created_at: '2000-01-01' }],
  ])('are refused: %s', async (code, values) => {
    expect(await refusal(change('member', 'member', values))).toBe(code)
  })

  test('are cleaned: no override of the writing direction, one line, NFC', async () => {
    const [row] = await change('member', 'member', {
      display_name: ' Mia\n\u202eMember e\u0301 ',
      status_text: ' ',
      handle: 'Mia.M',
      time_zone: 'Asia/Tokyo',
    })
    expect(row).toMatchObject({
      display_name: 'Mia Member é',
      status_text: null,
      handle: 'mia.m',
      time_zone: 'Asia/Tokyo',
    })
  })
})
