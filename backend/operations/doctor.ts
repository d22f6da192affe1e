import { parseSettings, type Settings } from '../settings'
import { StartError } from '../start-error'
import { checkBackups } from './checks/backups'
import { checkDatabase, checkMigrations } from './checks/database'
import type { Check, Finding } from './checks/finding'
import {
  checkClock,
  checkDisk,
  checkFileLimit,
  checkMemory,
  checkPermissions,
  checkPort,
} from './checks/machine'
import { checkS3, checkSmtp, checkTls } from './checks/network'

/** What is looked at, in the order in which it is told. */
const checks: [name: string, check: Check][] = [
  ['port', checkPort],
  ['disk', checkDisk],
  ['memory', checkMemory],
  ['file limit', checkFileLimit],
  ['clock', checkClock],
  ['secrets', checkPermissions],
  ['PostgreSQL', checkDatabase],
  ['migrations', checkMigrations],
  ['backups', checkBackups],
  ['mail', checkSmtp],
  ['S3', checkS3],
  ['site', checkTls],
]

const words = { ok: 'ok     ', warning: 'WARNING', error: 'ERROR  ' }

/** `npm run doctor`: one line for each thing that an installation needs, with what to do. Not ok when one is an error. */
export async function doctor(
  env: NodeJS.ProcessEnv,
  root: string,
): Promise<{ lines: string[]; ok: boolean }> {
  let settings: Settings
  try {
    settings = parseSettings(env, { port: 3000, root })
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return { lines: [`${words.error} settings     ${error.message}`], ok: false }
  }
  const findings = await Promise.all(
    checks.map(async ([name, check]) => ({ name, ...(await examine(check, settings)) })),
  )
  return {
    lines: findings.map(({ name, level, text }) => `${words[level]} ${name.padEnd(12)} ${text}`),
    ok: findings.every(({ level }) => level !== 'error'),
  }
}

async function examine(check: Check, settings: Settings): Promise<Finding> {
  try {
    return await check(settings)
  } catch (error) {
    return { level: 'error', text: error instanceof Error ? error.message : String(error) }
  }
}
