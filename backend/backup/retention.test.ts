import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backupName, expired, keptSince, listBackups, prune, tidy } from './retention'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-retention-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const keep = { keepDaily: 3, keepWeekly: 2 }
const at = (text: string) => ({ at: new Date(text) })
const names = (list: { at: Date }[]) => list.map((each) => each.at.toISOString().slice(0, 13))

test('of each of the last days and weeks the newest backup is kept', () => {
  // Monday the 30th; the week before began on the 23rd.
  const backups = [
    ...['2026-11-30T18', '2026-11-30T06', '2026-11-29T18', '2026-11-28T18', '2026-11-27T18', '2026-11-22T18'],
    ...['2026-11-15T18'],
  ].map((hour) => at(`${hour}:00:00Z`))
  expect(names(expired(backups, keep))).toEqual([
    '2026-11-30T06',
    '2026-11-27T18',
    '2026-11-22T18',
    '2026-11-15T18',
  ])
})

test('days without a backup do not count', () => {
  const backups = ['2026-11-30T18', '2026-06-01T18', '2026-01-01T18'].map((hour) => at(`${hour}:00:00Z`))
  expect(expired(backups, keep)).toEqual([])
})

test('the newest is always kept, and files with other names are not touched', async () => {
  const own = ['2026-11-30T06:00:00Z', '2026-11-30T18:00:00Z'].map((text) => backupName(new Date(text)))
  for (const name of [...own, 'before-the-move.tar.gz', 'notes.txt']) await writeFile(join(folder, name), '')
  const oldest = await prune(folder, { keepDaily: 1, keepWeekly: 0 })
  expect(oldest?.name).toBe('chat-2026-11-30T18-00-00Z.tar.gz')
  expect((await readdir(folder)).sort()).toEqual(['before-the-move.tar.gz', oldest?.name, 'notes.txt'])
  expect(await listBackups(folder)).toEqual([oldest])
})

test('increments that the last two archives do not need go, with folders that are empty then', async () => {
  const at = new Date('2026-11-30T18:00:00Z')
  for (const days of [-1, 0, 1]) {
    await writeFile(join(folder, backupName(new Date(at.getTime() + days * 86_400_000))), '')
  }
  const lines = ['old', 'new'].map((name) => join(folder, 'increments', name, 'wal'))
  for (const line of lines) await mkdir(line, { recursive: true })
  const files = lines.map((line) => join(line, '000000010000000000000001.gz'))
  for (const [i, file] of files.entries()) {
    await writeFile(file, '')
    const time = new Date(at.getTime() + (i === 0 ? -2 : 2) * 3_600_000)
    await utimes(file, time, time)
  }
  await tidy(folder, keep)
  expect(await readdir(join(folder, 'increments'))).toEqual(['new'])
  expect(await keptSince(folder)).toBe(at.getTime() - 3_600_000)
})
