import { expect, test } from 'vitest'
import { type Few, hasMember, membersOf, withMember, withoutMember } from './few'

test('what was added is there until it is taken away, and nothing else is', () => {
  let few: Few<string>
  const real = new Set<string>()
  // Every step of a walk through one, several and none again.
  for (const [sign, name] of ['+a', '+a', '-b', '-a', '+a', '+b', '+c', '-a', '-c', '-b', '-b', '+d'].map(
    (step) => [step[0], step.slice(1)] as const,
  )) {
    if (sign === '+') real.add(name)
    else real.delete(name)
    few = sign === '+' ? withMember(few, name) : withoutMember(few, name)
    expect([...membersOf(few)]).toEqual([...real])
    for (const each of 'abcd') expect(hasMember(few, each)).toBe(real.has(each))
    expect(few === undefined).toBe(real.size === 0)
  }
})
