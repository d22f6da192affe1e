import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connectTo, databaseUrl } from '../lib/database.mjs'
import { inProject, root } from '../lib/project.mjs'

/**
 * A connection as `postgres` to the database of the installation: DATABASE_URL, or the running server's. When none
 * runs, one is started, and `server` is its process.
 */
export async function connect() {
  const running = await tryConnect()
  if (running) return { sql: running, server: null }
  console.log('No server is running here: starting one.')
  const server = spawn(process.execPath, [inProject('bin/start.mjs')], { cwd: root, stdio: 'inherit' })
  // Ctrl-C reaches the server as well: it ends in its own time, and this process with it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => server.kill('SIGTERM'))
  const ended = once(server, 'exit').then(() => process.exit(server.exitCode || 1))
  for (;;) {
    await Promise.race([ended, new Promise((wait) => setTimeout(wait, 500))])
    const sql = await tryConnect()
    if (sql) return { sql, server }
  }
}

async function tryConnect() {
  const url = databaseUrl()
  if (!url) return null
  let sql
  try {
    sql = await connectTo(url)
  } catch (error) {
    // Anything but "nobody there (yet)" is for the person to see.
    if (['ENOENT', 'ECONNREFUSED', 'CONNECT_TIMEOUT', '57P03'].includes(error.code)) return null
    throw error
  }
  const [row] = await sql`select to_regproc('public.bootstrap') is not null as ready`
  if (row.ready) return sql
  await sql.end()
  return null
}
