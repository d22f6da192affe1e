import { expect, test } from 'vitest'
import type { Channel } from '../channel'
import { principalOf } from '../principals'
import type { Checked } from './conditions'
import type { Params } from './group'
import { bindingId, Subscriptions } from './subscriptions'

const channel = () => ({}) as Channel
const person = (sub: string) => principalOf({ role: 'authenticated', sub })
const equals = (column: string, value: string): Checked => ({
  column,
  operator: 'eq',
  negated: false,
  values: [value],
  exact: true,
  asked: false,
})
const params = (more: Partial<Params> = {}): Params => ({
  role: 'authenticated',
  event: '*',
  schema: 'public',
  table: 'notes',
  conditions: [],
  select: null,
  ...more,
})

const wanted = (id: number, params: Params) => ({ id, binding: {}, params })

const found = (subscriptions: Subscriptions, row: Record<string, string | null>, table = 'notes') =>
  [...subscriptions.candidates('public', table, (column) => row[column])].map(({ id }) => id).sort()

test('a change finds the groups whose filter names its value, and those without a filter', () => {
  const all = new Subscriptions()
  const ada = person('ada')
  const here = channel()
  all.add(here, ada, [wanted(1, params())])
  for (let room = 10; room < 20; room++)
    all.add(here, ada, [wanted(room, params({ conditions: [equals('room', String(room))] }))])
  all.add(here, ada, [wanted(2, params({ table: '*' }))])
  all.add(here, ada, [wanted(3, params({ schema: '*', table: '*' }))])
  all.add(here, ada, [wanted(4, params({ table: 'other' }))])
  expect(found(all, { room: '12' })).toEqual([1, 12, 2, 3])
  expect(found(all, { room: null })).toEqual([1, 2, 3])
  expect(found(all, {}, 'other')).toEqual([2, 3, 4])
  all.remove(here, ada)
  expect(found(all, { room: '12' })).toEqual([])
  expect([...all.all()]).toEqual([])
})

test('the same binding of many people is one group', () => {
  const all = new Subscriptions()
  const people = ['a', 'b', 'c'].map(person)
  for (const each of people) all.add(channel(), each, [wanted(1, params())])
  const [group] = [...all.all()]
  expect(group?.size).toBe(3)
})

test('an audience asks each person once, again after a doubt, and the newcomers', () => {
  const all = new Subscriptions()
  const [ada, bob, cyd] = ['ada', 'bob', 'cyd'].map(person) as [
    ReturnType<typeof person>,
    ReturnType<typeof person>,
    ReturnType<typeof person>,
  ]
  const [hers, his] = [channel(), channel()]
  all.add(hers, ada, [wanted(1, params())])
  all.add(his, bob, [wanted(1, params())])
  const [group] = [...all.all()]
  if (!group) throw new Error('no group')
  const audience = () => group.audience(7, '["1"]')
  expect(group.unasked(audience())).toEqual([ada, bob])
  audience().allowed.add(ada).add(bob)
  expect(group.unasked(audience())).toEqual([])
  all.add(channel(), cyd, [wanted(1, params())])
  expect(group.unasked(audience())).toEqual([cyd])
  group.forget(7, ada, '["2"]')
  group.forget(8, ada, null)
  expect(group.unasked(audience())).toEqual([])
  group.forget(7, ada, '["1"]')
  expect([...audience().allowed]).toEqual([bob])
  expect(group.unasked(audience())).toEqual([ada])
  group.forget(7, bob, null)
  expect(group.unasked(audience())).toEqual([bob])
  all.remove(hers, ada)
  all.add(hers, ada, [wanted(1, params())])
  expect(group.unasked(audience())).toEqual([ada])
  group.forgetAll(7, '["1"]')
  expect(group.unasked(audience())).toEqual([bob, cyd, ada])
})

test('people who left leave no gaps that audiences stumble over', () => {
  const all = new Subscriptions()
  const people = Array.from({ length: 200 }, (_, i) => ({ principal: person(String(i)), channel: channel() }))
  for (const each of people) all.add(each.channel, each.principal, [wanted(1, params())])
  const [group] = [...all.all()]
  if (!group) throw new Error('no group')
  const early = group.audience(7, 'early')
  group.unasked(early)
  for (const each of people.slice(0, 150)) all.remove(each.channel, each.principal)
  const late = person('late')
  all.add(channel(), late, [wanted(1, params())])
  expect(group.unasked(early)).toEqual([late])
  expect(group.unasked(group.audience(7, 'new'))).toHaveLength(51)
  const [kept] = people.slice(150)
  if (kept) group.forget(7, kept.principal, 'early')
  expect(group.unasked(early)).toEqual([kept?.principal])
})

test('the id of a binding depends on what it asks for', () => {
  const binding = { event: '*', schema: 'public', table: 'notes' }
  expect(bindingId(binding)).toBe(bindingId({ table: 'notes', schema: 'public', event: '*' }))
  expect(bindingId(binding)).not.toBe(bindingId({ ...binding, filter: 'a=eq.1' }))
  expect(bindingId(binding)).toBeLessThan(2 ** 27)
})
