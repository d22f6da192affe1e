import { makeCrowd, makeWorkspace } from '../crowd'
import { startProduct } from '../product'
import { type Convergence, compareAll } from './compare-all'
import { createFlood, type Findings } from './flood'
import { createKiller } from './killer'
import { openLedger } from './ledger'
import type { Options } from './options'
import { openPeople } from './people'
import { type Decision, planChaos } from './plan'

/** So many send into one channel, where they wait for each other; the channels do not. */
const SENDERS_PER_CHANNEL = 4
const STUCK_MS = 120_000
/** Everybody should be equal sooner: what took so long is said. */
const SLOW_MS = 500
/** Acknowledged sends between two things that somebody does. */
const ACT_EVERY = 8

export type Verdict = Findings & {
  seed: number
  sends: number
  kills: number
  /** How often each thing was done. */
  done: Record<string, number>
  checks: number
  /** The longest of all checks, in ms: until everybody was connected and had sent all, and from then on until all were equal. */
  worst: Convergence
  slowestRecoveryMs: Record<string, number>
  minutes: number
  ledger: string
}

/** One run: the product, everybody who uses it, and everything that happens to them. Says how it goes, line by line. */
export async function runChaos(
  options: Options,
  say: (line: string) => void,
  end?: AbortSignal,
): Promise<Verdict> {
  const began = performance.now()
  const { seed } = options
  const ledger = openLedger(seed)
  say(`seed ${seed}; acknowledgements in ${ledger.path}`)
  const product = await startProduct({ transport: options.transport })
  // They do nothing but send, and a long run is longer than an hour.
  const senders = await makeCrowd(product, options.senders, { goodFor: '2d' })
  const flooded = Array.from({ length: Math.ceil(options.senders / SENDERS_PER_CHANNEL) }, (_, index) => ({
    name: `flood-${index}`,
    kind: 'private' as const,
  }))
  const { channelIds } = await makeWorkspace(product, senders, flooded)
  const flood = createFlood({ product, members: senders, channelIds, ledger })
  const people = await openPeople({ product, ...options, ledger })
  const killer = createKiller(product)
  const found: Findings = { lost: [], twice: [], wrong: [] }
  const worst: Convergence = { calmMs: 0, equalMs: 0, late: [] }
  const done: Record<string, number> = {}
  let checks = 0

  const minutes = () => (performance.now() - began) / 60_000
  let ended = end?.aborted ?? false
  const over = () => ended || (ledger.sends() >= options.sends && killer.total() >= options.kills)
  const endNow = () => {
    ended = true
    ledger.interrupt()
  }
  const timeUp = setTimeout(endNow, options.minutes * 60_000)
  end?.addEventListener('abort', endNow)

  /** Waits for so many acknowledgements, or the end of the run; a product that does not come back is an error. */
  async function reached(goal: number) {
    for (let last = -1; !over() && !(await ledger.reached(goal, STUCK_MS)); last = ledger.sends()) {
      if (!over() && ledger.sends() === last) throw new Error('nothing was acknowledged for two minutes')
    }
  }

  async function check(all = false) {
    // First the product: who sends gives up some time after being told to stop.
    await killer.recovered()
    await product.healthy()
    await flood.stop()
    for (const client of [...people.devices, ...people.screens]) {
      client.wake()
      client.proxy.restore()
    }
    const { findings, convergence } = await compareAll(product, people)
    for (const more of [findings, await flood.check({ all })]) {
      merge(found, more)
      for (const text of Object.values(more).flat()) say(`  ${text}`)
    }
    worst.calmMs = Math.max(worst.calmMs, Math.round(convergence.calmMs))
    if (convergence.equalMs > worst.equalMs) worst.late = convergence.late
    worst.equalMs = Math.max(worst.equalMs, Math.round(convergence.equalMs))
    checks++
    say(
      `${minutes().toFixed(1)} min: ${ledger.sends()} sends acknowledged, ${killer.total()} kills; ` +
        `calm after ${Math.round(convergence.calmMs)} ms, then equal after ${Math.round(convergence.equalMs)} ms; ` +
        `${convergence.equalMs > SLOW_MS ? `last different: ${convergence.late.join('; ').slice(0, 400)}; ` : ''}` +
        `lost ${found.lost.length}, twice ${found.twice.length}, wrong ${found.wrong.length}`,
    )
  }

  async function carryOut(decision: Decision): Promise<string> {
    switch (decision.kind) {
      case 'kill': {
        const { victim, pick, again } = decision
        await killer.kill(victim, pick)
        if (again) {
          // Nobody may miss what was killed: then so many sends later.
          await Promise.race([flood.missed(again), ledger.reached(ledger.sends() + again)])
          await killer.kill(victim, pick)
        }
        return `kill ${victim}`
      }
      case 'check':
        await check()
        flood.start(`${seed}.${checks}`)
        return 'check'
      case 'purge':
        // Killed in the middle of it, nothing was purged.
        await people.purge(decision.channel, decision.pick).catch(() => {})
        return 'purge'
      case 'fault':
        return fault(decision)
      case 'heal':
        people.at(decision.client).proxy.restore({ forgotten: decision.forgotten })
        return decision.forgotten ? 'heal, forgotten' : 'heal'
      case 'act':
        people.at(decision.client).act(decision.act, decision.pick, decision.other)
        return decision.act
      case 'sleep':
      case 'wake':
      case 'crash':
        people.at(decision.client)[decision.kind]()
        return decision.kind
      case 'refresh':
        people.at(decision.client).refreshToken()
        return 'refresh'
    }
  }

  function fault({ client, fault: how, direction, size }: Decision & { kind: 'fault' }): string {
    const { proxy } = people.at(client)
    if (how === 'silence') proxy.silence(direction)
    else if (how === 'delay') proxy.delay(Math.ceil(size * 500))
    else if (how === 'drip') proxy.drip(Math.ceil(size * 200))
    else proxy[how]()
    return how === 'silence' ? `silence ${direction}` : how
  }

  const pace = {
    act: ACT_EVERY,
    kill: Math.max(20, Math.floor(options.sends / Math.max(1, options.kills))),
    clients: people.devices.length + people.screens.length,
    channels: people.channelIds.length,
  }
  try {
    flood.start(`${seed}.0`)
    for (const decision of planChaos(seed, pace)) {
      await reached(decision.after)
      if (over() || flood.refused().length > 0) break
      const what = await carryOut(decision)
      done[what] = (done[what] ?? 0) + 1
    }
    found.wrong.push(...flood.refused().map((text) => `refused: ${text}`))
    await check(true)
  } catch (error) {
    say(product.output().split('\n').slice(-60).join('\n'))
    throw error
  } finally {
    clearTimeout(timeUp)
    await people.close()
    ledger.close()
    await product.stop()
  }
  return {
    ...found,
    seed,
    sends: ledger.sends(),
    kills: killer.total(),
    done,
    checks,
    worst,
    slowestRecoveryMs: killer.slowestRecoveryMs,
    minutes: Math.round(minutes() * 10) / 10,
    ledger: ledger.path,
  }
}

function merge(into: Findings, more: Findings) {
  into.lost.push(...more.lost)
  into.twice.push(...more.twice)
  into.wrong.push(...more.wrong)
}
