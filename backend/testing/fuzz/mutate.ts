import type { Random } from './random'
import { ODD } from './vocabulary'

/** A text with one thing changed: cut, doubled, moved, replaced, or something odd put in. */
export function mutate(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  const to = Math.min(text.length, at + 1 + random.below(8))
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at) + text.slice(to)
    case 1:
      return text.slice(0, to) + text.slice(at, to).repeat(1 + random.below(3)) + text.slice(to)
    case 2:
      return text.slice(0, at)
    case 3:
      return text.slice(0, at) + String.fromCharCode(32 + random.below(95)) + text.slice(to)
    case 4:
      return text.slice(at) + text.slice(0, at)
    case 5:
      return text.slice(0, at) + text.slice(at, to).toUpperCase() + text.slice(to)
    default:
      return text.slice(0, at) + random.pick(ODD) + text.slice(at)
  }
}
