import { afterEach, expect, test, vi } from 'vitest'
import { openCacheDb } from './cache-db'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('a browser that refuses IndexedDB remembers nothing, and that is all', async () => {
  const refuse = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  }
  vi.stubGlobal('indexedDB', { open: refuse, deleteDatabase: refuse })
  expect(await openCacheDb('ada')).toBeNull()
})
