import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeSecrets } from '../secrets'
import { parseSettings } from '../settings'
import { type Cluster, startCluster } from './cluster'
import { openDatabase } from './database'
import { openPreparedDatabase } from './open'

// A server that somebody else made: its superuser, no roles of ours.
let folder: string
let cluster: Cluster

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-open-'))
  await chmod(folder, 0o711)
  await writeFile(join(folder, '1_notes.sql'), 'create table public.notes (id int)')
  cluster = await startCluster({ dataFolder: folder, password: 'theirs', durable: false, log: () => {} })
})
afterEach(async () => {
  await cluster.stop('immediate')
  await rm(folder, { recursive: true, force: true })
})

const url = () =>
  `postgresql://supabase_admin:theirs@localhost:5432/postgres?host=${encodeURIComponent(cluster.socketFolder)}`
const settings = () =>
  parseSettings({ NODE_ENV: 'test', DATABASE_URL: url(), MIGRATIONS_DIR: folder }, { port: 0, root: folder })
const log = pino({ level: 'silent' })

test('a PostgreSQL of somebody else gets the base schema and the migrations, twice without harm', async () => {
  const secrets = await makeSecrets()
  for (let start = 0; start < 2; start += 1) {
    const database = await openPreparedDatabase(settings(), secrets, log)
    try {
      expect(await database.api`select current_user as name`).toEqual([{ name: 'authenticator' }])
      expect(await database.admin`select * from public.notes`).toEqual([])
      const owner = database.connect('postgres', { max: 1 })
      expect(await owner`select current_user as name`).toEqual([{ name: 'postgres' }])
      await owner.end()
    } finally {
      await database.stop()
    }
  }
})

test('one whose roles have passwords that are not ours is left alone', async () => {
  const first = await openPreparedDatabase(settings(), await makeSecrets(), log)
  await first.stop()
  await expect(openPreparedDatabase(settings(), await makeSecrets(), log)).rejects.toThrow(
    /has a role "authenticator" which is not ours/,
  )
})

test('one without logical replication is refused with what to set', async () => {
  const login = () => ({ user: 'supabase_admin', password: 'theirs' })
  const database = openDatabase({ host: cluster.socketFolder, port: 5432, database: 'postgres', login })
  await database.admin`alter system set wal_level = replica`
  await database.admin`alter system set max_wal_senders = 0`
  await database.stop()
  await cluster.stop()
  cluster = await startCluster({ dataFolder: folder, password: 'theirs', durable: false, log: () => {} })
  await expect(openPreparedDatabase(settings(), await makeSecrets(), log)).rejects.toThrow(
    'DATABASE_URL: set "wal_level = logical" in that server and restart it.',
  )
})
