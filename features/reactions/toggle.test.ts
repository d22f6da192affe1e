import { expect, test } from 'vitest'
import { hasReacted, toggle } from './toggle'

test('a reaction is there once per person, and goes away with its last', () => {
  const once = toggle({}, '👍', 'ada')
  expect(once).toEqual({ '👍': ['ada'] })
  const both = toggle(once, '👍', 'bob')
  expect(hasReacted(both, '👍', 'bob')).toBe(true)
  expect(toggle(both, '👍', 'ada')).toEqual({ '👍': ['bob'] })
  expect(toggle(toggle(both, '👍', 'ada'), '👍', 'bob')).toEqual({})
})
