import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startTestDatabase } from '../backend/testing/server'
import { buildProduct, startProduct } from '../e2e/product'
import { type Bench, createResults } from './bench'
import { makeCrowdIn } from './crowd'
import { renderReport, writeInto } from './report'
import { bootstrap } from './rows/bootstrap'
import { ceiling } from './rows/ceiling'
import { client } from './rows/client'
import { delivery } from './rows/delivery'
import { history } from './rows/history'
import { logins } from './rows/logins'
import { memory } from './rows/memory'
import { pages } from './rows/pages'
import { sends } from './rows/sends'
import { start } from './rows/start'

// `history` fills a database with ten million messages, so it runs only when it is named.
const rows = { ceiling, sends, pages, bootstrap, delivery, start, memory, logins, client, history }
type RowName = keyof typeof rows

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    write: { type: 'boolean', default: false },
    /** Leaves Next.js out, which rows of REST do not need. */
    backend: { type: 'boolean', default: false },
  },
})
const chosen = (
  positionals.length > 0 ? positionals : Object.keys(rows).filter((name) => name !== 'history')
) as RowName[]
const unknown = chosen.filter((name) => !(name in rows))
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}: choose from ${Object.keys(rows).join(', ')}`)

const results = createResults()
const repeats = Number(values.repeats)
if (!values.backend) await buildProduct()
const product = await startProduct({ verb: values.backend ? 'backend' : 'start' })
const database = await startTestDatabase({ durable: true })
try {
  const bare = { ...product, secrets: { ...product.secrets, databaseUrl: database.url() } }
  const bench: Bench = {
    ...results,
    url: product.url,
    key: product.secrets.publishableKey,
    databaseUrl: product.secrets.databaseUrl,
    signingKey: product.secrets.signingKey,
    crowd: await makeCrowdIn(product, 200),
    bare: { databaseUrl: database.url(), crowd: await makeCrowdIn(bare, 200) },
    seconds: Number(values.seconds),
    repeats,
  }
  // Rows that start a product of their own come last, so that this one is out of their way.
  const own: RowName[] = ['start', 'memory', 'logins', 'history']
  for (const name of chosen.filter((row) => !own.includes(row))) await measure(name, bench)
  await product.stop()
  await database.stop()
  for (const name of chosen.filter((row) => own.includes(row))) await measure(name, bench)
} finally {
  await product.stop()
  await database.stop()
}

const report = renderReport(results.measured, results.notes, repeats)
console.log(report)
if (values.write) {
  writeInto(fileURLToPath(new URL('../docs/performance.md', import.meta.url)), report)
}

async function measure(name: RowName, bench: Bench) {
  console.error(`measuring ${name}`)
  await rows[name](bench)
}
