import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadSecrets } from './secrets'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-secrets-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('secrets are made at random once, and only their owner may read them', async () => {
  const first = await loadSecrets(folder)
  const path = join(folder, 'secrets.json')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await loadSecrets(folder)).toEqual(first)
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    publishableKey: expect.stringMatching(/^sb_publishable_.{32}$/),
    secretKey: expect.stringMatching(/^sb_secret_.{32}$/),
  })
  const other = await mkdtemp(join(folder, 'other-'))
  const second = await loadSecrets(other)
  for (const name of ['publishableKey', 'secretKey', 'jwtSecret', 'anonKey'] as const) {
    expect(second[name]).not.toBe(first[name])
  }
})

test('permissions that were loosened are tightened again', async () => {
  await loadSecrets(folder)
  await chmod(join(folder, 'secrets.json'), 0o644)
  await loadSecrets(folder)
  expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600)
})

test('a secret of the environment makes legacy keys of its own', async () => {
  const before = await loadSecrets(folder)
  const after = await loadSecrets(folder, 'x'.repeat(32))
  expect(after.jwtSecret).toBe('x'.repeat(32))
  expect(after.anonKey).not.toBe(before.anonKey)
  expect(after.secretKey).toBe(before.secretKey)
})

test('secrets that are damaged or gone beside a database are not replaced', async () => {
  await writeFile(join(folder, 'secrets.json'), '{"publishableKey":')
  await expect(loadSecrets(folder)).rejects.toThrow(/is damaged: restore it from a backup/)
  await rm(join(folder, 'secrets.json'))
  await mkdir(join(folder, 'postgres'))
  await expect(loadSecrets(folder)).rejects.toThrow(/is gone, and with it the key to the database/)
})
