import { expect, test } from 'vitest'
import { connectionsWithin, openFilesLimit } from './open-files'

test('what connects leaves files to the database, whatever the system allows', () => {
  expect(connectionsWithin(1_024)).toEqual({ connections: 768, sockets: 576 })
  expect(connectionsWithin(200)).toEqual({ connections: 150, sockets: 112 })
  expect(connectionsWithin(65_536)).toEqual({ connections: 65_280, sockets: 48_960 })
  expect(connectionsWithin(Number.POSITIVE_INFINITY)).toEqual({ connections: Infinity, sockets: Infinity })
})

test('the limit is that of this process', () => {
  expect(openFilesLimit() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(100)
})
