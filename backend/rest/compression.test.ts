import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { compress } from './compression'

const long = 'å'.repeat(20_000)

test.each(['gzip', 'br, GZIP;q=0.5', '*', 'deflate, gzip;q=1.0'])(
  'for a client that takes %s',
  async (accepted) => {
    const bytes = await compress(long, accepted)
    expect(bytes && gunzipSync(bytes).toString()).toBe(long)
  },
)

test.each([undefined, '', 'br', 'gzip;q=0', 'x-gzip'])('not for a client that takes %s', async (accepted) => {
  expect(await compress(long, accepted)).toBeNull()
})

test('not what is small, and not what is huge', async () => {
  expect(await compress('small', 'gzip')).toBeNull()
  expect(await compress('x'.repeat(9_000_000), 'gzip')).toBeNull()
})
