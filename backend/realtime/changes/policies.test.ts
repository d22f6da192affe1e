import { expect, test } from 'vitest'
import { type PolicyRow, type Scope, scopeOf } from './policies'

const columns = [
  { name: 'id', sqlType: 'integer' },
  { name: 'room', sqlType: 'uuid' },
]
const policy = (more: Partial<PolicyRow> = {}): PolicyRow => ({
  name: 'p',
  permissive: true,
  using: 'a',
  comment: '@realtime scope=room depends=private.access(user_id,room)',
  roles: ['authenticated'],
  columns: ['room'],
  tables: [['private', 'access']],
  calls: [],
  opaque: false,
  ...more,
})
const scope = (policies: PolicyRow[], heard = true) =>
  scopeOf('notes', policies, columns, ['anon', 'authenticated'], () => heard)

test('a complete declaration becomes a question about the scope alone, for each role', () => {
  const found = scope([
    policy(),
    policy({ name: 'q', using: 'b' }),
    policy({ name: 'r', permissive: false, using: 'c' }),
  ]) as Scope
  expect(found.columns).toEqual(['room'])
  expect(found.probes.get('anon')).toEqual({ single: 'select false', joint: null })
  expect(found.probes.get('authenticated')?.single).toBe(
    'select exists (select 1 from (select ($1)[1]::uuid as "room") as "notes" where ((a) or (b)) and (c))',
  )
})

test('without a declaration there is no scope', () => {
  expect(scope([])).toBeNull()
  expect(scope([policy({ comment: 'Members.' })])).toBeNull()
})

test.each<[string, PolicyRow[], RegExp]>([
  ['reads another column', [policy({ columns: ['room', 'id'] })], /column id/],
  [
    'reads a table that is not declared',
    [
      policy({
        tables: [
          ['private', 'access'],
          ['public', 'bans'],
        ],
      }),
    ],
    /public\.bans/,
  ],
  ['is not alone', [policy(), policy({ comment: null })], /not every/],
  ['is declared differently', [policy(), policy({ comment: '@realtime scope=id', tables: [] })], /different/],
  ['names a column that is not there', [policy({ comment: '@realtime scope=gone' })], /no column gone/],
  ['cannot be read', [policy({ comment: '@realtime scpe=room' })], /cannot be read/],
  ['has no expression', [policy({ using: null })], /no expression/],
])('a declaration does not count whose policy %s', (_, policies, reason) => {
  expect(scope(policies)).toMatch(reason)
})

test('a declaration does not count whose table cannot be followed', () => {
  expect(scope([policy()], false)).toMatch(/cannot be followed/)
})
