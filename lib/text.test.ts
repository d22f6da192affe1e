import { expect, test } from 'vitest'
import { isBlank, slugify } from './text'

test('spaces and invisible characters are blank', () => {
  const blank = ['', '   ', '\u200b\u2060', '\u3164', '\u00a0\u2003', '\u202e', '\u2800']
  for (const text of blank) expect(isBlank(text)).toBe(true)
  for (const text of ['Ada', ' 山 ', '👩‍💻', 'محمد', '-']) expect(isBlank(text)).toBe(false)
})

test('makes an address out of a name', () => {
  expect(slugify('Acme & Söhne GmbH', 48)).toBe('acme-sohne-gmbh')
  expect(slugify('  --Hello__World--  ', 48)).toBe('hello-world')
  expect(slugify('山田', 48)).toBe('')
  expect(slugify('aaa bbb', 4)).toBe('aaa')
})
