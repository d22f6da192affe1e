// npm run realtime -- broadcast | postgres_changes: switches how clients hear of changes; without a word it says how they
// do. In the database that DATABASE_URL names, else in the running installation's. docs/supabase.md says when to switch.
import { connectTo, databaseUrl } from './lib/database.mjs'
import { ensureInstalled, fail } from './lib/project.mjs'

ensureInstalled()
const [transport, ...others] = process.argv.slice(2)
const known = ['postgres_changes', 'broadcast']
if (others.length > 0 || (transport && !known.includes(transport)))
  fail(`Say one of: ${known.join(', ')}. Or nothing, to be told.`)
const url = databaseUrl()
if (!url) fail('No installation here, and no DATABASE_URL. Set DATABASE_URL, or DATA_DIR to its data folder.')
const sql = await connectTo(url).catch((error) => fail(`The database cannot be reached: ${error.message}`))
const [row] = transport
  ? await sql`select private.set_realtime_transport(${transport}) as transport`
  : await sql`select private.realtime_transport() as transport`
await sql.end()
console.log(`Clients hear of changes by ${row.transport}.`)
