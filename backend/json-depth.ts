/** Deeper than anybody writes. */
const MAX_LEVELS = 500

/**
 * Whether a text that may be JSON is nested beyond measure. Looked at before it is parsed: V8 needs seconds for some
 * megabytes of brackets, in which nobody else is served, and whoever writes them again runs out of stack.
 */
export function isTooDeep(text: string, max = MAX_LEVELS): boolean {
  if (text.length <= max) return false
  let levels = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      i = endOfString(text, i)
      if (i < 0) return false
    } else if (code === 0x5b || code === 0x7b) {
      levels += 1
      if (levels > max) return true
    } else if (code === 0x5d || code === 0x7d) levels -= 1
  }
  return false
}

/** Where the string that begins here ends; -1: nowhere. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) escapes++
    if (escapes % 2 === 0) return end
  }
  return -1
}
