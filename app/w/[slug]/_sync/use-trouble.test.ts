import { expect, test } from 'vitest'
import type { SyncStatus } from './ports'
import { troubleOf } from './use-trouble'

const well: SyncStatus = { phase: 'ready', live: true, inSync: true, error: null }
const refused = (status: number) => ({ code: 'some_code', status, message: '' })

test.each([
  ['all is well', well, true, null],
  ['nothing is on the screen yet', { ...well, phase: 'loading', inSync: false }, true, null],
  ['the network is gone', { ...well, inSync: false, error: refused(0) }, false, 'offline'],
  ['the network is gone, and nothing has noticed yet', well, false, 'offline'],
  ['the socket is gone', { ...well, live: false, inSync: false }, true, 'reconnecting'],
  ['the socket is back, and what was missed is on its way', { ...well, inSync: false }, true, 'reconnecting'],
  ['nobody answers', { ...well, inSync: false, error: refused(0) }, true, 'silent'],
  ['the server is starting', { ...well, error: refused(503) }, true, 'silent'],
  ['a refusal is not the connection', { ...well, error: refused(403) }, true, null],
] as [string, SyncStatus, boolean, string | null][])('%s', (_what, status, online, expected) => {
  expect(troubleOf(status, online)).toBe(expected)
})
