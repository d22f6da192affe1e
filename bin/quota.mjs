// npm run quota -- 10GB | off: how many bytes of files each person may keep; without a word it says how many. In the database that
// DATABASE_URL names, else in the running installation's.
import { connectTo, databaseUrl } from './lib/database.mjs'
import { ensureInstalled, fail } from './lib/project.mjs'

const UNITS = { mb: 1e6, gb: 1e9, tb: 1e12 }

ensureInstalled()
const [given, ...others] = process.argv.slice(2)
const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(MB|GB|TB)$/i.exec(given ?? '') ?? []
const bytes = amount ? Math.floor(Number(amount) * UNITS[unit.toLowerCase()]) : null
if (others.length > 0 || (given && given !== 'off' && !(bytes > 0)))
  fail('Say how much each person may keep, as 10GB or 500MB; or off. Or nothing, to be told.')
const url = databaseUrl()
if (!url) fail('No installation here, and no DATABASE_URL. Set DATABASE_URL, or DATA_DIR to its data folder.')
const sql = await connectTo(url).catch((error) => fail(`The database cannot be reached: ${error.message}`))
if (given) await sql`select private.set_attachment_quota(${bytes}::bigint)`
const [row] = await sql`
  select value::float8 as bytes from private.limits where name = 'attachment_bytes_per_person'`
await sql.end()
const said = (number) => `${(number / 1e9).toLocaleString('en', { maximumFractionDigits: 3 })} GB`
console.log(row ? `Each person may keep ${said(row.bytes)} of files.` : 'Files of one person have no limit.')
