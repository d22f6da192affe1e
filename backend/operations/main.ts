import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { environmentWithFile, parseSettings, type Settings } from '../settings'
import { StartError } from '../start-error'
import { backUp } from './backup'
import { doctor } from './doctor'
import { restore } from './restore'
import { upgrade } from './upgrade'

const usage = {
  backup: 'npm run backup [FILE] -- [--with-objects]',
  restore: 'npm run restore FILE -- [--data-dir FOLDER] [--without-increments]',
  doctor: 'npm run doctor',
  upgrade: 'npm run upgrade -- [--dry-run]',
}

/** What `npm run …` offers to whoever runs an installation. */
export type Operation = keyof typeof usage

const options = {
  'data-dir': { type: 'string' },
  'without-increments': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  'with-objects': { type: 'boolean' },
} as const

/** Runs one of them and ends the process: 0 when all is well, 1 with a sentence that says what is not. */
export async function runOperation(operation: Operation, root: string, args: string[]): Promise<void> {
  process.title = `enterprise-chat ${operation}`
  try {
    const { lines, ok = true } = await perform(operation, root, args)
    process.stdout.write(`${lines.join('\n')}\n`)
    process.exit(ok ? 0 : 1)
  } catch (error) {
    const known = error instanceof StartError
    const text =
      error instanceof Error ? ((known ? error.message : error.stack) ?? error.message) : String(error)
    process.stderr.write(`${text}\n`)
    process.exit(1)
  }
}

async function perform(
  operation: Operation,
  root: string,
  args: string[],
): Promise<{ lines: string[]; ok?: boolean }> {
  const { values, positionals } = readArguments(operation, args)
  const env = environmentWithFile(process.env, join(root, '.env'))
  if (operation === 'doctor') return doctor(env, root)
  const settings: Settings = parseSettings(env, { port: 3000, root })
  if (operation === 'backup') return { lines: await backUp(settings, positionals[0], values['with-objects']) }
  if (operation === 'upgrade') return { lines: await upgrade(settings, values['dry-run'] ?? false) }
  const [file] = positionals
  if (!file) throw new StartError(`Which backup? ${usage.restore}`)
  const dataDir = values['data-dir']
  const withoutIncrements = values['without-increments'] ?? false
  return { lines: await restore(settings, { file, withoutIncrements, ...(dataDir ? { dataDir } : {}) }) }
}

function readArguments(operation: Operation, args: string[]) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true })
    const most = operation === 'backup' || operation === 'restore' ? 1 : 0
    if (parsed.positionals.length > most)
      throw new Error(`too many arguments: ${parsed.positionals.join(' ')}`)
    return parsed
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`${reason}\nUsage: ${usage[operation]}`)
  }
}
