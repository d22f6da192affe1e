import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startTestDatabase } from '../backend/testing/server'
import { buildProduct, startProduct } from '../e2e/product'
import { type Bench, createResults } from './bench'
import { type Company, openCompany } from './company'
import { makeCrowdIn } from './crowd'
import { renderReport, writeInto } from './report'
import { badges } from './rows/badges'
import { bootstrap } from './rows/bootstrap'
import { ceiling } from './rows/ceiling'
import { channels } from './rows/channels'
import { client } from './rows/client'
import { cores } from './rows/cores'
import { delivery } from './rows/delivery'
import { fairness } from './rows/fairness'
import { fanout } from './rows/fanout'
import { files } from './rows/files'
import { flapping } from './rows/flapping'
import { history } from './rows/history'
import { logins } from './rows/logins'
import { memory } from './rows/memory'
import { pages } from './rows/pages'
import { presence } from './rows/presence'
import { search } from './rows/search'
import { sends } from './rows/sends'
import { sockets } from './rows/sockets'
import { start } from './rows/start'

/** On one product and beside one bare database. */
const shared = { ceiling, sends, pages, bootstrap, badges, delivery, client }
/** Each starts a product of its own. */
const own = { start, memory, logins, files, presence, history, search, cores, flapping }
/** On a company of ten thousand people. */
const crowded = { sockets, fanout, channels, fairness }
const rows = { ...shared, ...own, ...crowded }
type RowName = keyof typeof rows

/** Minutes each: they run when they are named, and with `--full`. */
const LONG: RowName[] = [
  'cores',
  'presence',
  'history',
  'search',
  'sockets',
  'fanout',
  'channels',
  'fairness',
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    /** Renews docs/performance.md: every row, or those that are named. */
    write: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    /** A smaller company, to try the crowded rows; their figures are then not those that the targets are for. */
    people: { type: 'string', default: '10000' },
    /** A shorter history, to try the rows that fill a database. */
    messages: { type: 'string', default: '10000000' },
    /** Leaves Next.js out, which rows of REST do not need. */
    backend: { type: 'boolean', default: false },
  },
})
const names = Object.keys(rows) as RowName[]
const every = values.full || values.write ? names : names.filter((name) => !LONG.includes(name))
const chosen = positionals.length > 0 ? (positionals as RowName[]) : every
const unknown = chosen.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}: choose from ${names.join(', ')}`)

const results = createResults()
const repeats = Number(values.repeats)
const people = Number(values.people)
const messages = Number(values.messages)
if (values.write && people !== 10_000) throw new Error('the page is about ten thousand people')
if (values.write && messages !== 10_000_000) throw new Error('the page is about ten million messages')
const common = { ...results, seconds: Number(values.seconds), repeats, people, messages }
if (!values.backend) await buildProduct()

await onProduct()
for (const name of chosen) if (name in own) await measure(name, () => own[name as keyof typeof own](common))
await onCompany()

const report = renderReport(results.measured, results.notes)
console.log(report)
if (values.write) {
  writeInto(fileURLToPath(new URL('../docs/performance.md', import.meta.url)), report)
}

async function onProduct() {
  const wanted = chosen.filter((name) => name in shared) as (keyof typeof shared)[]
  if (wanted.length === 0) return
  const product = await startProduct({ verb: values.backend ? 'backend' : 'start' })
  const database = await startTestDatabase({ durable: true })
  try {
    const bare = { ...product, secrets: { ...product.secrets, databaseUrl: database.url() } }
    const bench: Bench = {
      ...common,
      url: product.url,
      key: product.secrets.publishableKey,
      databaseUrl: product.secrets.databaseUrl,
      signingKey: product.secrets.signingKey,
      crowd: await makeCrowdIn(product, 200),
      bare: { databaseUrl: database.url(), crowd: await makeCrowdIn(bare, 200) },
    }
    for (const name of wanted) await measure(name, () => shared[name](bench))
  } finally {
    await product.stop()
    await database.stop()
  }
}

async function onCompany() {
  const wanted = chosen.filter((name) => name in crowded) as (keyof typeof crowded)[]
  if (wanted.length === 0) return
  let company: Company | undefined
  try {
    company = await openCompany(people)
    for (const name of wanted) {
      const opened = company
      await measure(name, () => crowded[name](common, opened))
    }
  } finally {
    await company?.close()
  }
}

/** A row that fails is said to have failed; the others are measured all the same. */
async function measure(name: RowName, row: () => Promise<void>) {
  console.error(`measuring ${name}`)
  try {
    await row()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
    results.note(`${name} failed`, error instanceof Error ? error.message.slice(0, 300) : String(error))
  }
}
