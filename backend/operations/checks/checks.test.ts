import 'reflect-metadata'
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import * as x509 from '@peculiar/x509'
import S3rver from 's3rver'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backupName } from '../../backup/retention'
import { writeStatus } from '../../backup/status'
import { lockFolder } from '../../lock'
import { parseSettings, type Settings } from '../../settings'
import { startTestSmtp } from '../../testing/smtp'
import { doctor } from '../doctor'
import { checkBackups } from './backups'
import { checkDatabase, checkMigrations } from './database'
import { checkClock, checkDisk, checkFileLimit, checkMemory, checkPermissions, checkPort } from './machine'
import { checkS3, checkSmtp, checkTls } from './network'

let folder: string
let settings: Settings
const cleanUp: (() => unknown)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-doctor-'))
  settings = read({})
})
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
  await rm(folder, { recursive: true, force: true })
})

const read = (env: Record<string, string>) =>
  parseSettings({ NODE_ENV: 'test', HOST: '127.0.0.1', DATA_DIR: folder, ...env }, { port: 0, root: folder })
const listen = async (server: ReturnType<typeof createServer>) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}
const lock = async () => cleanUp.push(await lockFolder(folder))

test('port: free, taken by another program, not answering, answering', async () => {
  expect(await checkPort(settings)).toMatchObject({ level: 'ok', text: expect.stringContaining('is free') })
  const port = await listen(createServer())
  expect(await checkPort({ ...settings, port })).toMatchObject({
    level: 'error',
    text: expect.stringContaining('set PORT'),
  })
  await lock()
  expect(await checkPort({ ...settings, port: 1 })).toMatchObject({
    level: 'error',
    text: expect.stringContaining('does not answer'),
  })
  let status = 200
  const answering = await listen(
    createHttpServer((_, response) => response.writeHead(status).end('{"status":"x","parts":{}}')),
  )
  expect(await checkPort({ ...settings, port: answering })).toMatchObject({ level: 'ok' })
  status = 503
  expect(await checkPort({ ...settings, port: answering })).toMatchObject({ level: 'error' })
})

test('disk, memory and file limit', async () => {
  const disk = (free: number) => checkDisk(settings, async () => ({ free, total: 100e9 }))
  expect((await checkDisk({ ...settings, dataDir: join(folder, 'not/yet') })).text).toMatch(/free for/)
  expect(await disk(50e9)).toMatchObject({ level: 'ok' })
  expect(await disk(4e9)).toMatchObject({ level: 'warning' })
  expect(await disk(0.5e9)).toMatchObject({ level: 'error', text: expect.stringContaining('free some now') })
  expect(await checkMemory(settings, 4e9)).toMatchObject({ level: 'ok' })
  expect(await checkMemory(settings, 1e9)).toMatchObject({ level: 'warning' })
  expect(await checkMemory(settings, 0.5e9)).toMatchObject({ level: 'error' })
  expect(await checkFileLimit(settings, 65_536)).toMatchObject({ level: 'ok' })
  expect(await checkFileLimit(settings, 4096)).toMatchObject({ level: 'warning' })
  expect(await checkFileLimit(settings, 256)).toMatchObject({
    level: 'error',
    text: expect.stringContaining('LimitNOFILE'),
  })
})

test('clock: before the files that it wrote, or before this program was', async () => {
  expect(await checkClock(settings)).toMatchObject({ level: 'ok' })
  const later = new Date(Date.now() + 3_600_000)
  await writeFile(join(folder, 'secrets.json'), '')
  await utimes(join(folder, 'secrets.json'), later, later)
  expect(await checkClock(settings)).toMatchObject({
    level: 'error',
    text: expect.stringMatching(/(59|60) minutes before files/),
  })
  expect(await checkClock(settings, 0)).toMatchObject({
    level: 'error',
    text: expect.stringContaining('1970'),
  })
})

test('secrets that others can read', async () => {
  const path = join(folder, 'secrets.json')
  await writeFile(path, '{}', { mode: 0o600 })
  expect(await checkPermissions(settings)).toMatchObject({ level: 'ok' })
  await chmod(path, 0o644)
  expect(await checkPermissions(settings)).toEqual({
    level: 'error',
    text: `others can read ${path}: chmod 600 ${path}`,
  })
})

test('PostgreSQL: data of another version', async () => {
  expect(await checkDatabase(settings)).toMatchObject({ level: 'ok', text: 'not made yet' })
  await mkdir(join(folder, 'postgres'))
  await writeFile(join(folder, 'postgres/PG_VERSION'), '19\n')
  expect(await checkDatabase(settings)).toMatchObject({
    level: 'error',
    text: 'the data is of PostgreSQL 19, this release has 18: start the release that made it.',
  })
})

test('migrations: a folder that is not there', async () => {
  await expect(checkMigrations(settings)).rejects.toThrow(/MIGRATIONS_DIR/)
})

test('backups: none, old, failing, interrupted restore', async () => {
  expect(await checkBackups(settings)).toMatchObject({
    level: 'warning',
    text: expect.stringContaining('BACKUP_DIR'),
  })
  const dir = `${folder}-kept`
  cleanUp.push(() => rm(dir, { recursive: true, force: true }))
  const on = read({ BACKUP_DIR: dir })
  await lock()
  expect(await checkBackups(on)).toMatchObject({
    level: 'error',
    text: expect.stringContaining('cannot be written'),
  })
  await mkdir(dir)
  expect(await checkBackups(on)).toMatchObject({ level: 'warning', text: 'the first one is not made yet.' })
  const status = async (age: number, more = {}) => {
    await rm(dir, { recursive: true })
    await mkdir(dir)
    const at = new Date(Date.now() - age)
    const file = join(dir, backupName(at))
    await writeFile(file, '')
    const backup = { at: at.toISOString(), file, bytes: 0, walFolder: 'x' }
    await writeStatus(folder, { backup, walAt: new Date().toISOString(), ...more })
    return checkBackups(on)
  }
  expect(await status(3_600_000)).toMatchObject({ level: 'ok' })
  expect(await status(30 * 3_600_000)).toMatchObject({
    level: 'error',
    text: expect.stringContaining('30 hours old'),
  })
  expect(await status(0, { backupError: 'no space' })).toMatchObject({ level: 'error' })
  expect(await status(0, { walError: 'no space' })).toMatchObject({ level: 'error' })
  const old = new Date(Date.now() - 600_000).toISOString()
  expect(await status(0, { walAt: old })).toMatchObject({
    level: 'error',
    text: expect.stringContaining(old),
  })
  await mkdir(join(folder, 'restoring'))
  await expect(checkBackups(on)).rejects.toThrow(/was interrupted/)
})

test('mail: none, away, refusing the password, taking mails', async () => {
  expect(await checkSmtp(settings)).toMatchObject({ level: 'warning' })
  const smtp = await startTestSmtp()
  expect(await checkSmtp({ ...settings, smtp: smtp.settings })).toMatchObject({ level: 'ok' })
  await smtp.stop()
  expect(await checkSmtp({ ...settings, smtp: smtp.settings })).toMatchObject({
    level: 'error',
    text: expect.stringContaining('check SMTP_HOST'),
  })
  const strict = await startTestSmtp({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) => done(new Error('no')),
  })
  cleanUp.push(strict.stop)
  expect(await checkSmtp({ ...settings, smtp: { ...strict.settings, user: 'a', pass: 'b' } })).toMatchObject({
    level: 'error',
    text: expect.stringContaining('SMTP_PASS'),
  })
})

test('S3: not used, away, another bucket, a good one', async () => {
  expect(await checkS3(settings)).toMatchObject({ level: 'ok' })
  const bucket = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: folder,
    configureBuckets: [{ name: 'chat', configs: [] }],
  })
  const { port } = (await bucket.run()) as { port: number }
  const on = (name: string) =>
    read({
      STORAGE_S3_BUCKET: name,
      STORAGE_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      STORAGE_S3_ACCESS_KEY_ID: 'S3RVER',
      STORAGE_S3_SECRET_ACCESS_KEY: 'S3RVER',
    })
  expect(await checkS3(on('chat'))).toMatchObject({ level: 'ok' })
  await expect(checkS3(on('other'))).rejects.toThrow(/"other" cannot be used/)
  await bucket.close()
  await expect(checkS3(on('chat'))).rejects.toThrow(/STORAGE_S3_BUCKET/)
})

test('site: not encrypted, another name, an old certificate, a good one', async () => {
  expect(await checkTls(settings)).toMatchObject({ level: 'warning' })
  expect(await checkTls(read({ SITE_URL: 'http://chat.example.com' }))).toMatchObject({ level: 'error' })
  expect(await checkTls(read({ SITE_URL: 'http://localhost:3000' }))).toMatchObject({ level: 'ok' })
  const ask = async (name: string, days: number) => {
    const { cert, key } = await certificate(name, days)
    const port = await listen(createTlsServer({ cert, key }))
    return checkTls(read({ SITE_URL: `https://localhost:${port}` }), cert)
  }
  expect(await ask('localhost', 90)).toMatchObject({ level: 'ok', text: expect.stringContaining('89 days') })
  expect(await ask('localhost', 5)).toMatchObject({ level: 'warning' })
  expect(await ask('localhost', -1)).toMatchObject({
    level: 'error',
    text: expect.stringContaining('expired'),
  })
  expect(await ask('other.example', 90)).toMatchObject({
    level: 'error',
    text: expect.stringContaining('localhost'),
  })
})

test('one line for each, and not ok when one is an error', async () => {
  const env = { NODE_ENV: 'test', PORT: '0', DATA_DIR: folder, MIGRATIONS_DIR: join(folder, 'none') } as const
  const { lines, ok } = await doctor(env, folder)
  expect(lines.find((line) => line.includes('migrations'))).toMatch(/^ERROR .*MIGRATIONS_DIR/)
  expect(lines).toHaveLength(12)
  expect(ok).toBe(false)
  const wrong = await doctor({ ...env, PORT: 'x' }, folder)
  expect(wrong).toMatchObject({ ok: false, lines: [expect.stringMatching(/^ERROR .*PORT: must be/s)] })
})

async function certificate(name: string, days: number): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 10 * 86_400_000),
    notAfter: new Date(Date.now() + days * 86_400_000),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    cert: made.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`,
  }
}
