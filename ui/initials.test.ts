import { expect, test } from 'vitest'
import { hueOf, initials } from './initials'

test('two letters of the first and last name, whole characters only', () => {
  expect(initials('Ada Lovelace')).toBe('AL')
  expect(initials('Ada Byron King Lovelace')).toBe('AL')
  expect(initials('grace')).toBe('G')
  expect(initials('Ada Lovelace', 1)).toBe('A')
  expect(initials('山田 太郎')).toBe('山')
  expect(initials('محمد علي')).toBe('م')
  expect(initials('👩‍💻')).toBe('👩‍💻')
  expect(initials('R&D — Research')).toBe('RR')
  expect(initials('')).toBe('')
})

test('the same key has the same hue', () => {
  expect(hueOf('a')).toBe(hueOf('a'))
  expect(new Set(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(hueOf)).size).toBeGreaterThan(3)
})
