import { expect, test } from 'vitest'
import { channelPath, parsePane, parsePath, workspacePath } from './location'

test('reads an address', () => {
  expect(parsePath('/w/acme')).toEqual({ slug: 'acme', view: { name: 'start' } })
  expect(parsePath('/w/acme/')).toEqual({ slug: 'acme', view: { name: 'start' } })
  expect(parsePath(workspacePath('acme', 'people'))).toEqual({ slug: 'acme', view: { name: 'people' } })
  expect(parsePath(channelPath('acme', 'abc'))).toEqual({
    slug: 'acme',
    view: { name: 'conversation', channelId: 'abc' },
  })
})

test('does not guess what it does not know', () => {
  for (const path of ['/w/acme/c', '/w/acme/c/1/2', '/w/acme/people/1', '/w/acme/elsewhere', '/w/acme/%zz'])
    expect(parsePath(path).view).toEqual({ name: 'unknown' })
})

test('the query names at most one pane, a thread first', () => {
  expect(parsePane(new URLSearchParams('d=1&t=2'))).toEqual({ kind: 'thread', id: '2' })
  expect(parsePane(new URLSearchParams('p=3'))).toEqual({ kind: 'person', id: '3' })
  expect(parsePane(new URLSearchParams('q=plan&m=4'))).toEqual({ kind: 'search', id: 'plan' })
  expect(parsePane(new URLSearchParams('q=&m=4'))).toEqual({ kind: 'search', id: '' })
  expect(parsePane(new URLSearchParams('q=plan&t=2'))).toEqual({ kind: 'thread', id: '2' })
  expect(parsePane(new URLSearchParams('m=4'))).toBeNull()
})
