import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, StartError } from '../start-error'
import { findBinaries } from './binaries'
import { accessRules, programEnvironment, serverConfiguration, type Tuning } from './configuration'
import { initialise } from './initdb'
import { placeBinaries, placeCluster, placeSocket } from './place'
import { clearLeftovers, clearSockets, waitForExit } from './postmaster'
import { chooseSystemUser, handOver, type SystemUser } from './system-user'
import { explain } from './trouble'
import { watch } from './watchdog'

/** What a cluster is started with. */
export type ClusterOptions = Tuning & {
  /** The installation's data folder; the cluster lives in `postgres` inside it. */
  dataFolder: string
  /** Password of the superuser `supabase_admin`, set when the cluster is made. */
  password: string
  /** Also listen on 127.0.0.1 on this port. */
  port?: number
  log(line: string): void
}

/** A running PostgreSQL. */
export type Cluster = {
  socketFolder: string
  /** Names the socket file, and the TCP port when one was asked for. */
  port: number
  pid(): number | undefined
  stop(mode?: 'fast' | 'immediate'): Promise<void>
}

/** The version of PostgreSQL whose data this release reads. */
export const major = 18

/** Makes the cluster if it is missing, starts it and keeps it running until it is stopped. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const wanted = join(options.dataFolder, 'postgres')
  const user = await chooseSystemUser(wanted)
  const binaries = await placeBinaries(await findBinaries(), user)
  const folder = await placeCluster(wanted, user)
  const socketFolder = await placeSocket(options.dataFolder, user)
  await prepare(folder, binaries, user, options)
  const port = options.port ?? 5432
  const program = join(binaries, 'bin', 'postgres')
  const args = ['-D', folder, '-k', socketFolder, '-p', String(port)]
  args.push('-c', `listen_addresses=${options.port ? '127.0.0.1' : ''}`, '-c', 'unix_socket_permissions=0700')

  let child: ChildProcess | undefined
  let stopping = false

  async function launch(): Promise<void> {
    await clearLeftovers(folder)
    await clearSockets(socketFolder)
    const recent: string[] = []
    const started = spawn(program, args, {
      ...user,
      cwd: '/',
      env: programEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      // Not in our group: Ctrl-C in a terminal would stop it before the services have finished.
      detached: true,
    })
    child = started
    const lines = createInterface({ input: started.stderr })
    const ready = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        recent.push(line)
        if (recent.length > 20) recent.shift()
        options.log(line)
        if (line.includes('database system is ready to accept connections')) resolve()
      })
    })
    const failed = once(started, 'exit').then(async () => {
      // The last lines may still be on their way through the pipe.
      if (!started.stderr.readableEnded) await once(lines, 'close')
      throw await explain(recent, { folder, port: options.port })
    })
    await Promise.race([ready, failed])
    failed.catch(() => {})
    const unwatch = watch(started, user)
    started.once('exit', () => {
      unwatch()
      if (!stopping) void supervise()
    })
  }

  async function supervise(): Promise<void> {
    for (let pause = 100; !stopping; pause = Math.min(pause * 2, 5000)) {
      options.log('LOG:  PostgreSQL stopped unexpectedly and is started again')
      try {
        return await launch()
      } catch (error) {
        options.log(`FATAL:  ${error instanceof Error ? error.message : error}`)
        await sleep(pause)
      }
    }
  }

  await launch()
  return {
    socketFolder,
    port,
    pid: () => child?.pid,
    async stop(mode = 'fast') {
      stopping = true
      if (child) await end(child, mode)
      await rm(socketFolder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess, mode: 'fast' | 'immediate'): Promise<void> {
  if (!child.pid || child.exitCode !== null || child.signalCode !== null) return
  child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
  if (!(await waitForExit(child.pid, 60_000))) child.kill('SIGQUIT')
  await waitForExit(child.pid, 10_000)
}

async function prepare(
  folder: string,
  binaries: string,
  user: SystemUser,
  options: ClusterOptions,
): Promise<void> {
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw new StartError(`${folder} cannot be read (${errorCode(error)}): start as the user who owns it.`)
  })
  if (version === undefined) await create(folder, binaries, user, options.password)
  else await check(folder, Number.parseInt(version, 10), user)
  for (const [name, text] of [
    ['postgresql.conf', serverConfiguration(options)],
    ['pg_hba.conf', accessRules()],
  ] as const) {
    // Renamed into place, so that a full disk cannot leave half a file.
    const path = join(folder, name)
    await writeFile(`${path}.new`, text, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  await handOver(folder, user, ['postgresql.conf', 'pg_hba.conf'])
}

async function create(folder: string, binaries: string, user: SystemUser, password: string): Promise<void> {
  if (await lstat(folder).catch(() => undefined)) {
    throw new StartError(`${folder} exists but holds no database: move it away, or choose another DATA_DIR.`)
  }
  // Renamed when complete, so that an interrupted start leaves nothing that looks like a database.
  const draft = `${folder}.new`
  await rm(draft, { recursive: true, force: true })
  try {
    await initialise({ folder: draft, binaries, user, password })
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

async function check(folder: string, version: number, user: SystemUser): Promise<void> {
  if (version !== major) {
    const what = version > major ? 'newer' : 'older'
    throw new StartError(
      `${folder} was made by PostgreSQL ${version}, which is ${what} than this version's PostgreSQL ${major}: start it with the release that made it, or choose another DATA_DIR.`,
    )
  }
  const { uid } = await lstat(folder)
  if (user && uid !== user.uid) await handOver(folder, user)
  if (!user && uid !== process.getuid?.()) {
    throw new StartError(
      `${folder} belongs to another user (uid ${uid}): start as that user, or choose another DATA_DIR.`,
    )
  }
  // PostgreSQL refuses a folder that others may enter; copies and restored backups often are.
  await chmod(folder, 0o700)
}
