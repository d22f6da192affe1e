import { expect, test } from 'vitest'
import { safePath } from './safe-path'

test('keeps paths of this site', () => {
  expect(safePath('/w/acme/c/1?m=2#x')).toBe('/w/acme/c/1?m=2#x')
  expect(safePath('/')).toBe('/')
})

test.each([
  ['//evil.example'],
  ['/\\evil.example'],
  ['/\t/evil.example'],
  ['https://evil.example'],
  ['javascript:alert(1)'],
  ['w/acme'],
  [''],
  [null],
])('falls back for %j', (path) => {
  expect(safePath(path, '/home')).toBe('/home')
})
