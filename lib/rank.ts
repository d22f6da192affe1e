/** Comparable form: lower case, without accents. */
const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/**
 * How well a text answers what was typed; 0 = not at all. The whole text beats its beginning, that beats the beginning
 * of a word, that beats a place inside, and that beats letters in order with gaps.
 */
export function matchScore(text: string, query: string): number {
  const folded = fold(text)
  const wanted = fold(query).trim()
  if (wanted === '') return 1
  if (folded === wanted) return 100
  if (folded.startsWith(wanted)) return 90 - Math.min(20, folded.length - wanted.length) / 4
  const words = folded.split(/[\s._-]+/u)
  if (words.some((word) => word.startsWith(wanted))) return 70
  if (folded.includes(wanted)) return 50
  // Initials ("al" for Ada Lovelace) and several beginnings ("ada lo").
  if (
    words.length > 1 &&
    words
      .map((word) => word[0] ?? '')
      .join('')
      .startsWith(wanted.replace(/\s/g, ''))
  )
    return 60
  const parts = wanted.split(/\s+/u)
  if (parts.length > 1 && parts.every((part) => words.some((word) => word.startsWith(part)))) return 65
  return isSpread(folded, wanted) ? 15 : 0
}

function isSpread(text: string, wanted: string) {
  let place = 0
  for (const sign of wanted) {
    place = text.indexOf(sign, place)
    if (place === -1) return false
    place += sign.length
  }
  return true
}

type Candidate = {
  texts: string[] /** Raises what is more likely meant: unread, recent. At most 10. */
  bonus: number
}

/** The best answers first; equal ones stay in the order they came. */
export function rank<T extends Candidate>(candidates: T[], query: string, limit: number): T[] {
  return candidates
    .map((candidate) => {
      const score = Math.max(...candidate.texts.map((text) => matchScore(text, query)))
      return { candidate, score: score === 0 ? 0 : score + candidate.bonus }
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ candidate }) => candidate)
}
