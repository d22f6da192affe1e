import { setTimeout as sleep } from 'node:timers/promises'
import { openLoop } from '../open-loop'
import { appear, presenceTopic } from './joins'
import type { Member } from './member'

type Diff = { joins: Record<string, unknown>; leaves: Record<string, unknown> }

/** How many changes people had to be told of (at most: some are away themselves), how many they were, in how many frames. */
export type Flaps = { wanted: number; told: number; frames: number }

const AWAY_MS = 1_000

/** Shares nothing with the number of people: all of them get their turn before anybody has a second one. */
const STEP = 7_919

/** Lets people leave and return at this rate and counts what the others are told of it. */
export async function flap(members: Member[], load: { perSecond: number; seconds: number }): Promise<Flaps> {
  const flaps: Flaps = { wanted: 0, told: 0, frames: 0 }
  const sizes = new Map<string, number>()
  for (const member of members) {
    sizes.set(presenceTopic(member), (sizes.get(presenceTopic(member)) ?? 0) + 1)
    member.onText = (bytes, start, end) => {
      const text = bytes.toString('utf8', start, end)
      if (!text.includes('"presence_diff"')) return
      const [, , , , { joins, leaves }] = JSON.parse(text) as [null, null, string, string, Diff]
      flaps.frames += 1
      flaps.told += Object.keys(joins).length + Object.keys(leaves).length
    }
  }
  const returns: Promise<void>[] = []
  await openLoop({
    ...load,
    act: (index) => {
      const member = members[(index * STEP) % members.length] as Member
      flaps.wanted += 2 * ((sizes.get(presenceTopic(member)) ?? 1) - 1)
      member.push(presenceTopic(member), 'phx_leave', {})
      returns.push(sleep(AWAY_MS).then(() => appear(member)))
    },
  })
  await Promise.all(returns)
  // The last return takes a moment to be told of.
  await sleep(AWAY_MS)
  return flaps
}
