import { expect, test } from 'vitest'
import { restSends } from './jobs/rest-sends'
import { runSends } from './jobs/sends'
import { startHelper } from './run-job'

const senders = [{ userId: 'a', token: 'a', channelId: 'c' }]

test('a stall is charged to every send that should have started in it', async () => {
  let stalled = false
  const result = await runSends({ senders, seconds: 1, perSecond: 50 }, async () => {
    if (stalled) return
    stalled = true
    await new Promise((resolve) => setTimeout(resolve, 700))
  })
  expect(result.acks).toBe(50)
  // Most sends were due while the first one hung: in a closed loop only one of them would show it.
  expect(result.p50).toBeGreaterThan(100)
  expect(result.p99).toBeGreaterThan(400)
})

test('failures are counted, and never as fast answers', async () => {
  const result = await runSends({ senders, seconds: 0.1, perSecond: 100 }, () =>
    Promise.reject(new Error('no')),
  )
  expect(result).toMatchObject({ acks: 0, p50: Number.NaN })
  expect(result.failures).toHaveLength(10)
})

test('the small HTTP client talks to a real server', async () => {
  const server = await startHelper('./empty-server.ts')
  const result = await restSends({ senders, seconds: 0.2, url: `http://127.0.0.1:${server.port}`, key: 'k' })
  await server.stop()
  expect(result.failures).toEqual([])
  expect(result.acks).toBeGreaterThan(0)
})
