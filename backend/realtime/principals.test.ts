import { expect, test } from 'vitest'
import { Principals, principalOf } from './principals'

test('one object stands for a token while somebody holds it, and another when somebody does again', () => {
  const principals = new Principals<{ name: string }>()
  const [first, second] = [{ name: 'first' }, { name: 'second' }]
  const token = principalOf({ role: 'authenticated', sub: 'ada', session_id: 'one' })
  const held = principals.hold(token, first)
  expect(principals.hold(principalOf(JSON.parse(token.claims)), second)).toBe(held)
  expect([...principals.holders(held)]).toEqual([first, second])
  expect([...principals.of('ADA')]).toEqual([held])
  principals.release(held, first)
  principals.release(held, second)
  expect([...principals.ofSession('one'), ...principals.all()]).toEqual([])
  // What was remembered about it was forgotten by nobody meanwhile.
  const again = principals.hold(token, first)
  expect(again).not.toBe(held)
  expect([...principals.ofSession('one')]).toEqual([again])
})
