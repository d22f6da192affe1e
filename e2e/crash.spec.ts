import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, openDatabase } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { watchDoubles } from './doubles'
import { startLoad } from './load'
import { type Product, startProduct } from './product'
import { seat } from './seat'

let product: Product
let people: Member[]
let channelId: string
let path: string
let doubles: () => Promise<string[]>

beforeAll(async () => {
  product = await startProduct()
  people = await makeCrowd(product, 8)
  const made = await makeWorkspace(product, people, [{ name: 'storm', kind: 'private' }])
  channelId = made.channelIds[0] as string
  path = `/w/${made.slug}/c/${channelId}`
})

const watchers = crew(['ada'], { url: () => product.url })

beforeAll(async () => {
  const { ada } = watchers
  // What dies under a browser shows in its console; here it is the point.
  ada.expectProblem(/./)
  doubles = await watchDoubles(ada.page)
  await seat(ada, people[0] as Member, path)
  await ada.composer('storm').waitFor()
})

afterAll(() => product?.stop())

test.each(['backend', 'postmaster', 'next', 'everything'] as const)(
  'G01 G02 kill -9 of %s under load loses no acknowledged message and doubles none',
  async (part) => {
    const before = new Set((await storedMessages()).map(({ id }) => id))
    const load = startLoad({
      url: product.url,
      key: product.secrets.publishableKey,
      members: people,
      channelId,
      // No text twice: by its text, too, a message drawn twice is found.
      name: part,
    })
    try {
      await load.more(200)
      if (part === 'everything') await product.killEverything()
      else await product.kill(part)
      await product.recover()
      await load.more(200)
    } finally {
      await load.stop()
    }

    const stored = await storedMessages()
    const fresh = new Map(stored.filter(({ id }) => !before.has(id)).map(({ id, body }) => [id, body]))
    const lost = [...load.acked].filter(([id, body]) => fresh.get(id) !== body)
    const invented = [...fresh.keys()].filter((id) => !load.acked.has(id))
    expect({ refused: load.refused, lost, invented }).toEqual({ refused: [], lost: [], invented: [] })
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1))
    expect(stored.map(({ rev }) => rev)).toEqual(stored.map((_, index) => index + 1))
  },
)

test('G03 a commit waits for the disk, for everybody', async () => {
  const sql = openDatabase(product)
  const settings = await sql`
    select name, setting from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name`
  const exceptions = await sql`
    select setdatabase, setrole from pg_db_role_setting
    where exists (select from unnest(setconfig) as one where one ~ '^synchronous_commit=')`
  await sql.end()
  expect(settings.map(({ name, setting }) => `${name} ${setting}`)).toEqual([
    'fsync on',
    'full_page_writes on',
    'synchronous_commit on',
  ])
  expect([...exceptions]).toEqual([])
})

test('a browser that was open through all of it ends equal to the database, and drew nothing twice', async () => {
  const { ada } = watchers
  const sql = openDatabase(product)
  const rows = await sql<{ label: string }[]>`
    select p.display_name || ': ' || m.body as label
    from public.messages m join public.profiles p on p.id = m.user_id
    where m.channel_id = ${channelId} order by m.seq desc limit 20`
  await sql.end()
  const truth = rows.map(({ label }) => label).reverse()
  const shown = async () => {
    const labels = await ada.timeline
      .getByRole('article')
      .evaluateAll((drawn) => drawn.map((row) => row.getAttribute('aria-label')))
    return labels.slice(-truth.length)
  }
  await eventually('the browser shows the end of the channel', async () => {
    return JSON.stringify(await shown()) === JSON.stringify(truth)
  }).catch(() => {})
  expect(await shown()).toEqual(truth)
  expect(await doubles()).toEqual([])
})

async function storedMessages() {
  const sql = openDatabase(product)
  const rows = await sql<{ id: string; body: string; seq: number; rev: number }[]>`
    select id, body, seq::int, rev::int from public.messages where channel_id = ${channelId} order by seq`
  await sql.end()
  return [...rows]
}
