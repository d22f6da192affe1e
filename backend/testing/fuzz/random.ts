/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** A whole number from 0, below `below`. */
  below(below: number): number
  chance(share: number): boolean
  pick<T>(values: readonly T[]): T
  /** A list of `least` to `most` things. */
  list<T>(least: number, most: number, make: () => T): T[]
}

/** The numbers of one case of a run; a case can be made again without those before it. */
export function createRandom(seed: number, index: number): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    chance: (share) => next() < share,
    pick: (values) => values[below(values.length)] as (typeof values)[number],
    list: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make),
  }
}
