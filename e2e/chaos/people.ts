import type { Browser } from 'playwright-core'
import { openDatabase } from '../api'
import { launchBrowser, openContext } from '../browser'
import { makeCrowd, makeWorkspace } from '../crowd'
import { Person } from '../person'
import type { Product } from '../product'
import { startProxy } from '../proxy'
import { bundlePage } from './bundle'
import { Device } from './device'
import type { Ledger } from './ledger'
import { openScreen, type Screen } from './screen'

/** The busy one, one that nobody else may see, and quiet ones that people leave and join. */
const CHANNELS = [
  { name: 'busy', kind: 'private' },
  { name: 'closed', kind: 'private' },
  { name: 'quiet-1', kind: 'public' },
  { name: 'quiet-2', kind: 'public' },
  { name: 'quiet-3', kind: 'public' },
  { name: 'quiet-4', kind: 'public' },
] as const
const SCREENS = ['ada', 'grace']
/** A purge leaves this many messages: what is on a screen is not what gets old. */
const KEPT = 300

type Options = { product: Product; clients: number; browsers: boolean; ledger: Ledger }

/** Everybody who reads: sessions of the product's sync code and people before browsers, each behind a line of their own. */
export async function openPeople({ product, clients, browsers, ledger }: Options) {
  const names = browsers ? SCREENS : []
  const members = clients + names.length > 0 ? await makeCrowd(product, clients + names.length) : []
  const { slug, channelIds } =
    members.length > 0 ? await makeWorkspace(product, members, [...CHANNELS]) : { slug: '', channelIds: [] }
  const script = await bundlePage()
  const devices: Device[] = []
  const screens: Screen[] = []
  const starts: Promise<void>[] = []
  const purged = new Set<string>()
  let browser: Browser | undefined

  for (const [index, member] of members.entries()) {
    const proxy = await startProxy({ port: product.port })
    const name = names[index - clients]
    if (!name) {
      const device = new Device({ name: `client ${index}`, member, slug, channelIds, proxy, script, ledger })
      devices.push(device)
      starts.push(device.start())
      continue
    }
    // A run that is ended early still looks at its browsers.
    browser ??= await launchBrowser({ handleSIGINT: false, handleSIGTERM: false })
    const person = new Person(name, await openContext(browser, { baseURL: proxy.url }))
    const channel = { id: channelIds[0] as string, name: CHANNELS[0].name }
    screens.push(await openScreen({ person, member, slug, channel, proxy }))
  }
  await Promise.all(starts)

  return {
    slug,
    channelIds,
    members,
    devices,
    screens,
    purged,
    /** Whoever a decision is about; browsers come after the others. */
    at: (index: number): Device | Screen => devices[index] ?? (screens[index - devices.length] as Screen),
    /** Removes the oldest messages of a channel for good, as retention does: cursors from before become worthless. */
    async purge(index: number, share: number): Promise<void> {
      const channelId = channelIds[index] as string
      const sql = openDatabase(product)
      try {
        const gone = await sql.begin(async (tx) => {
          const [head] =
            await tx`select last_seq::int from public.channel_heads where channel_id = ${channelId}`
          const upto = Math.floor(Math.max(0, head?.last_seq - KEPT) * share)
          const rows = await tx<{ id: string }[]>`
            delete from public.messages m where m.channel_id = ${channelId} and (m.seq <= ${upto} or m.thread_id in (
              select r.id from public.messages r where r.channel_id = ${channelId} and r.seq <= ${upto}))
            returning m.id`
          if (rows.length > 0)
            await tx`update public.channel_heads set min_rev = last_rev where channel_id = ${channelId}`
          return rows
        })
        for (const { id } of gone) purged.add(id)
      } finally {
        await sql.end()
      }
    },
    async close() {
      for (const device of devices) device.stop()
      await browser?.close()
      for (const { proxy } of [...devices, ...screens]) await proxy.stop()
    },
  }
}

export type People = Awaited<ReturnType<typeof openPeople>>
