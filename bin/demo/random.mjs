// Chance that repeats itself: the same seed gives the same demo.

/** @param {number} seed */
export function makeRandom(seed) {
  let state = seed >>> 0
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n) => Math.floor(next() * n)
  const pick = (list) => list[below(list.length)]
  const shuffle = (list) => {
    const result = [...list]
    for (let i = result.length - 1; i > 0; i--) {
      const j = below(i + 1)
      ;[result[i], result[j]] = [result[j], result[i]]
    }
    return result
  }
  /** Draws from a list so that nothing comes again before everything came once. */
  const bag = (list) => {
    let rest = []
    return () => {
      if (rest.length === 0) rest = shuffle(list)
      return rest.pop()
    }
  }
  /** A UUIDv7 of this time. */
  const uuid = (at) => {
    const bytes = Array.from({ length: 16 }, () => below(256))
    for (let i = 0; i < 6; i++) bytes[i] = Math.floor(at / 2 ** (8 * (5 - i))) % 256
    bytes[6] = (bytes[6] & 0x0f) | 0x70
    bytes[8] = (bytes[8] & 0x3f) | 0x80
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
  return { next, below, pick, shuffle, bag, uuid }
}
