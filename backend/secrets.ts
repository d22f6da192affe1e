import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { loginRoles, makePasswords } from './postgres/passwords'
import { errorCode, StartError } from './start-error'
import { signLegacyToken } from './tokens'
import { writeFileDurably } from './write-file'

const secretsSchema = z.object({
  publishableKey: z.string().startsWith('sb_publishable_'),
  secretKey: z.string().startsWith('sb_secret_'),
  jwtSecret: z.string().min(32),
  anonKey: z.string(),
  serviceRoleKey: z.string(),
  /** Signs addresses of files. Folders of before it was needed get one at the next start. */
  storageKey: z.string().min(32).default(makeStorageKey),
  signingKey: z.object({ kid: z.string(), d: z.string() }).loose(),
  databaseUrl: z.string(),
  passwords: z.record(z.string(), z.string()),
})

/** The keys of an installation. All but `publishableKey` and `anonKey` must stay on the server. */
export type Secrets = Omit<z.infer<typeof secretsSchema>, 'signingKey'> & {
  /** Private ES256 key with `kid`. */
  signingKey: JsonWebKey & { kid: string }
}

/** New random keys. */
export async function makeSecrets(jwtSecret = randomBytes(48).toString('base64url')): Promise<Secrets> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    publishableKey: `sb_publishable_${randomBytes(24).toString('base64url')}`,
    secretKey: `sb_secret_${randomBytes(24).toString('base64url')}`,
    jwtSecret,
    ...(await legacyKeys(jwtSecret)),
    storageKey: makeStorageKey(),
    signingKey: { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' },
    databaseUrl: '',
    passwords: makePasswords(),
  }
}

/** The keys of a data folder: made at random the first time, read from `secrets.json` ever after. */
export async function loadSecrets(dataDir: string, jwtSecret?: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json')
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw new StartError(`${path} cannot be read (${errorCode(error)}): start as the user who owns it.`)
  })
  if (text === undefined) {
    if (existsSync(join(dataDir, 'postgres'))) {
      throw new StartError(`${path} is gone, and with it the key to the database: restore it from a backup.`)
    }
    const secrets = await makeSecrets(jwtSecret)
    await saveSecrets(dataDir, secrets)
    return secrets
  }
  await chmod(path, 0o600)
  const secrets = parseSecrets(path, text)
  if (!jwtSecret || jwtSecret === secrets.jwtSecret) return secrets
  return { ...secrets, jwtSecret, ...(await legacyKeys(jwtSecret)) }
}

/** Writes `secrets.json`, readable by its owner only. */
export async function saveSecrets(dataDir: string, secrets: Secrets): Promise<void> {
  await writeFileDurably(join(dataDir, 'secrets.json'), `${JSON.stringify(secrets, null, 2)}\n`, 0o600)
}

function makeStorageKey(): string {
  return randomBytes(48).toString('base64url')
}

function parseSecrets(path: string, text: string): Secrets {
  try {
    const secrets = secretsSchema.parse(JSON.parse(text))
    for (const role of loginRoles) z.string().parse(secrets.passwords[role])
    return secrets as Secrets
  } catch {
    throw new StartError(`${path} is damaged: restore it from a backup.`)
  }
}

async function legacyKeys(jwtSecret: string): Promise<{ anonKey: string; serviceRoleKey: string }> {
  const iat = Math.floor(Date.now() / 1000)
  // Ten years, as Supabase's own: these keys sit in configuration files.
  const claims = { iss: 'supabase', iat, exp: iat + 10 * 365 * 86_400 }
  return {
    anonKey: await signLegacyToken(jwtSecret, { ...claims, role: 'anon' }),
    serviceRoleKey: await signLegacyToken(jwtSecret, { ...claims, role: 'service_role' }),
  }
}
