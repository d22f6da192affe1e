import { openDatabase } from '../api'
import type { Product } from '../product'
import { checkAcknowledged, storedTwice } from './acknowledged'
import { differences } from './compare'
import type { Findings } from './flood'
import type { People } from './people'
import { disorder, readTruth, type Truth } from './truth'

/** Nets for a product that never gets there, never measurements. */
const CALM_MS = 180_000
const EQUAL_MS = 20_000

/**
 * How long it took until everybody was connected and had sent everything, and from then on until everybody was equal.
 * `late`: what was different when somebody was last found different.
 */
export type Convergence = { calmMs: number; equalMs: number; late: string[] }

/**
 * Lets everything come to rest and compares everybody with the database. Nothing is broken any more when it is called.
 * A write that was still on its way starts the clock again, and so does whoever turns out not to be connected.
 */
export async function compareAll(
  product: Product,
  people: Pick<People, 'slug' | 'channelIds' | 'members' | 'devices' | 'screens' | 'purged'>,
  equalInMs = EQUAL_MS,
): Promise<{ findings: Findings; convergence: Convergence }> {
  const { devices, screens } = people
  const findings: Findings = { lost: [], twice: [], wrong: [] }
  const began = performance.now()
  let restless: { describe(): string | Promise<string> }[] = []
  const isCalm = async () => {
    restless = devices.filter((device) => !device.calm())
    if (restless.length > 0) return false
    for (const screen of screens) if (!(await screen.calm())) restless.push(screen)
    return restless.length === 0
  }
  if (!(await until(CALM_MS, isCalm))) {
    const words = await Promise.all(restless.map((one) => one.describe()))
    findings.wrong.push(`no rest after ${CALM_MS} ms: ${words.join('; ')}`)
  }
  let calm = performance.now()
  const sql = openDatabase(product)
  const read = () => readTruth(sql, people.slug, people.channelIds, people.members)
  let truth: Truth | null = null
  let different: string[] = []
  let late: string[] = []
  let equal = calm
  /** When the screens were seen to be equal, since they last were not. */
  let drawnAt: number | null = calm
  await until(equalInMs, async () => {
    // Looked at before the database is asked: how long that takes is not the product's time.
    const looks = await Promise.all(screens.map((screen) => screen.look()))
    const lookedAt = performance.now()
    const now = await read()
    const broken = [...devices, ...screens].some((one) => !one.connected())
    if (broken || (truth && now.revision !== truth.revision)) calm = performance.now()
    truth = now
    const drawn = await Promise.all(
      screens.map((screen, index) => screen.differences(looks[index] ?? [], now)),
    )
    if (drawn.flat().length > 0) drawnAt = null
    else drawnAt ??= lookedAt
    different = [...devices.flatMap((device) => differences(device, now)), ...drawn.flat()]
    if (different.length > 0) {
      late = different
      return false
    }
    // Whoever is equal has been so since they changed last.
    const since = devices.map(({ page }) => Math.min(page?.changedAt() ?? 0, performance.now()))
    equal = Math.max(calm, drawnAt ?? calm, ...since)
    return true
  })
  if (different.length > 0) equal = performance.now()
  truth ??= await read()
  const convergence = { calmMs: calm - began, equalMs: equal - calm, late }
  await sql.end()
  findings.wrong.push(...different, ...disorder(truth))
  findings.twice.push(...storedTwice(truth))
  for (const device of devices) {
    const { lost, wrong } = checkAcknowledged(device, truth, people.purged)
    findings.lost.push(...lost)
    findings.wrong.push(...wrong, ...device.unexpected.splice(0))
  }
  for (const screen of screens) {
    findings.twice.push(...(await screen.drawnTwice()).map((row) => `${screen.name} drew twice: ${row}`))
  }
  return { findings, convergence }
}

/** Polls; false when it did not become true in time. */
async function until(limitMs: number, check: () => Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + limitMs; ; ) {
    if (await check()) return true
    if (performance.now() > end) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
