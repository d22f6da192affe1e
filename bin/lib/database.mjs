import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import postgres from 'postgres'
import { inProject, root } from './project.mjs'

/** The database of the installation: DATABASE_URL, or what its secrets say; null when there is none yet. Reads .env. */
export function databaseUrl() {
  const file = inProject('.env')
  if (existsSync(file)) process.loadEnvFile(file)
  return process.env.DATABASE_URL || (readSecrets()?.databaseUrl ?? null)
}

/** The secret key of the installation whose data folder this is. */
export const secretKey = () => readSecrets()?.secretKey ?? null

/** The key that the secrets of its sign-in providers are sealed with. */
export const signingKey = () => readSecrets()?.signingKey ?? null

function readSecrets() {
  const file = resolve(root, process.env.DATA_DIR || 'data', 'secrets.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

/**
 * Connects with such a URL, and rejects when nobody answers. postgres.js takes what is in the query for settings of the
 * session; the folder of the socket is none.
 */
export async function connectTo(url, options = {}) {
  const address = new URL(url)
  const host = address.searchParams.get('host') ?? address.hostname
  address.searchParams.delete('host')
  const sql = postgres(address.href, { max: 1, host, onnotice: () => {}, connect_timeout: 5, ...options })
  await sql`select 1`.catch(async (error) => {
    await sql.end()
    throw error
  })
  return sql
}
