import { expect, test } from 'vitest'
import type { PolicyRow } from './policies'
import { probeOf } from './probes'

const policy = (using: string, more: Partial<PolicyRow> = {}): PolicyRow => ({
  ...{ name: 'p', permissive: true, comment: null, columns: [], tables: [], opaque: false, using },
  roles: ['authenticated'],
  calls: [['auth.uid()', 'uuid']],
  ...more,
})
const joint = (...policies: PolicyRow[]) =>
  probeOf('notes', policies, [{ name: 'room', sqlType: 'uuid' }], 'authenticated').joint

test('each person stands where the policy asks who it is', () => {
  const found = joint(policy('a.user_id = ( SELECT auth.uid() AS uid) OR auth.uid() IS NULL'))
  expect(found?.calls).toEqual(['auth.uid()'])
  expect(found?.query).toBe(
    `select string_agg(n::text, ',') from unnest(($2)[0 * $3 + 1:1 * $3]::uuid[]) with ordinality as "realtime who" (c1, n) where exists (select 1 from (select ($1)[1]::uuid as "room") as "notes" where ((a.user_id = "realtime who".c1 OR "realtime who".c1 IS NULL)))`,
  )
})

test('what is quoted, or only ends like the call, is left alone', () => {
  const using = `note = 'auth.uid() is ''me''' AND other_auth.uid() AND "auth.uid()" AND x_auth.uid()`
  expect(joint(policy(using))?.query).toContain(using)
})

test('several calls have a column each; without calls everybody is the same', () => {
  const two = joint(policy('auth.uid() = x'), policy('app.team() = y', { calls: [['app.team()', 'text']] }))
  expect(two?.calls).toEqual(['auth.uid()', 'app.team()'])
  expect(two?.query).toContain('unnest(($2)[0 * $3 + 1:1 * $3]::uuid[], ($2)[1 * $3 + 1:2 * $3]::text[])')
  expect(joint(policy('true', { calls: [] }))?.query).toContain('from generate_series(1, $3)')
})

test('policies that may learn of the caller in another way are asked one person after another', () => {
  expect(joint(policy('auth.uid() = x'), policy('f(x)', { opaque: true }))).toBeNull()
  expect(joint(policy("current_setting('request.jwt.claims'::text) = x", { calls: [] }))).toBeNull()
  expect(joint(policy('auth.uid() = x', { roles: [] }))).toBeNull()
})
