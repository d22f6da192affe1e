// node deploy/supabase/make-secrets.mjs https://chat.example.com [FILE]: writes the random secrets of a Supabase of your own
// to .env beside compose.yaml, readable by its owner only. It never writes over one: the database keeps its password.
import { createHmac, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [, , site, file = join(import.meta.dirname, '.env')] = process.argv
if (!site || !URL.canParse(site) || !/^https?:$/.test(new URL(site).protocol)) {
  end('Say where people will find the site: node deploy/supabase/make-secrets.mjs https://chat.example.com')
}

const jwtSecret = randomBytes(48).toString('base64url')
const secrets = {
  SITE_URL: new URL(site).origin,
  POSTGRES_PASSWORD: randomBytes(24).toString('hex'),
  JWT_SECRET: jwtSecret,
  ANON_KEY: signKey('anon'),
  SERVICE_ROLE_KEY: signKey('service_role'),
  SECRET_KEY_BASE: randomBytes(48).toString('base64url'),
  // An AES-128 key: exactly 16 characters.
  REALTIME_ENC_KEY: randomBytes(8).toString('hex'),
}
const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`)
try {
  writeFileSync(file, lines.join(''), { flag: 'wx', mode: 0o600 })
} catch (error) {
  if (error.code !== 'EEXIST') throw error
  end(`${file} is there already, and the database knows its password: nothing was changed.`)
}
console.log(`Wrote ${file}. Keep a copy of it with your backups.`)

/** A key of ten years, as Supabase's own: a JWT (HS256) that names a role. */
function signKey(role) {
  const now = Math.floor(Date.now() / 1000)
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ role, iss: 'supabase', iat: now, exp: now + 10 * 365 * 86_400 })}`
  return `${text}.${createHmac('sha256', jwtSecret).update(text).digest('base64url')}`
}

function end(message) {
  console.error(message)
  process.exit(1)
}
