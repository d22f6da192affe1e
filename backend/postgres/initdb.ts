import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { StartError } from '../start-error'
import { programEnvironment } from './configuration'
import { canEnter, privateFolder, type SystemUser } from './system-user'
import { explain } from './trouble'

type Request = { folder: string; binaries: string; user: SystemUser; password: string }

/**
 * Makes a new cluster, superuser `supabase_admin`. Text sorts by code point with PostgreSQL's own rules, which no
 * update of the operating system can change under an index; the classes of characters (search) need a UTF-8
 * locale of the system, and systems name that one differently.
 */
export async function initialise(request: Request): Promise<void> {
  await privateFolder(request.folder, request.user)
  if (!(await canEnter(request.folder, request.user))) {
    throw new StartError(`PostgreSQL cannot enter ${dirname(request.folder)}: choose another DATA_DIR.`)
  }
  const passwordFile = `${request.folder}.password`
  await writeFile(passwordFile, `${request.password}\n`, { mode: 0o600 })
  if (request.user) await chown(passwordFile, request.user.uid, request.user.gid)
  try {
    await tryLocales(request)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function tryLocales(request: Request): Promise<void> {
  for (const locale of ['C.UTF-8', 'en_US.UTF-8', 'C']) {
    const output = await initdb(request, locale)
    if (!output) return
    if (!output.some((line) => line.includes('invalid locale'))) {
      throw await explain(output, { folder: request.folder })
    }
  }
}

async function initdb({ folder, binaries, user }: Request, locale: string): Promise<string[] | null> {
  const args = ['-D', folder, '-U', 'supabase_admin', `--pwfile=${folder}.password`, '--auth=scram-sha-256']
  args.push('--encoding=UTF8', `--locale=${locale}`, '--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  args.push('--data-checksums', '--no-instructions')
  const program = spawn(join(binaries, 'bin', 'initdb'), args, {
    ...user,
    cwd: '/',
    env: programEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const output: string[] = []
  const lines = createInterface({ input: program.stderr })
  lines.on('line', (line) => output.push(line))
  const [[code]] = await Promise.all([once(program, 'exit'), once(lines, 'close')])
  return code === 0 ? null : output
}
