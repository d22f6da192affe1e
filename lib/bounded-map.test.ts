import { expect, test } from 'vitest'
import { BoundedMap } from './bounded-map'

test('what was set longest ago goes first, and setting it again renews it', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1).set('b', 2).set('a', 3).set('c', 4)
  expect([...map]).toEqual([
    ['a', 3],
    ['c', 4],
  ])
  map.set('c', 5)
  expect([...map.values()]).toEqual([3, 5])
})
