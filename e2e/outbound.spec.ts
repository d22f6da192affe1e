import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Product, startProduct } from './product'

let product: Product
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-outbound-'))
  const recorder = fileURLToPath(new URL('../backend/testing/record-connections.mjs', import.meta.url))
  product = await startProduct({
    env: { NODE_OPTIONS: `--import ${recorder}`, CONNECTIONS_FILE: join(folder, 'connections.txt') },
  })
})
afterAll(async () => {
  await product?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('the whole product, Next.js included, reaches nothing but this machine unless it is configured', async () => {
  for (const path of ['/', '/sign-in', '/sign-up', '/api/config', '/nowhere']) {
    expect((await fetch(product.url + path)).status).toBeLessThan(500)
  }
  const connections = (await readFile(join(folder, 'connections.txt'), 'utf8')).trim().split('\n')
  // The gateway reached Next.js, and the backend its database.
  expect(connections.some((line) => /^connect 127\.0\.0\.1:\d+$/.test(line))).toBe(true)
  expect(connections.some((line) => /^connect \/.*\.s\.PGSQL/.test(line))).toBe(true)
  const own =
    /^(connect \/.*|connect (localhost|127\.0\.0\.1|\[?::1\]?):\d+|lookup (localhost|127\.0\.0\.1|::1))$/
  expect(connections.filter((line) => !own.test(line))).toEqual([])
})
