/** A replacement of `from`–`to`, and what is selected after it. */
export type Edit = { from: number; to: number; insert: string; select: [start: number, end: number] }

/** Puts marks around the selection, or takes them away when they are there. */
export function toggleMark(text: string, start: number, end: number, mark: string): Edit {
  const size = mark.length
  const inner = text.slice(start, end)
  if (text.slice(start - size, start) === mark && text.slice(end, end + size) === mark) {
    return {
      from: start - size,
      to: end + size,
      insert: inner,
      select: [start - size, end - size],
    }
  }
  if (inner.length > 2 * size && inner.startsWith(mark) && inner.endsWith(mark)) {
    const bare = inner.slice(size, -size)
    return { from: start, to: end, insert: bare, select: [start, start + bare.length] }
  }
  return { from: start, to: end, insert: `${mark}${inner}${mark}`, select: [start + size, end + size] }
}

/** Begins every selected line with a prefix (quote, list), or takes it away when all have it. */
export function togglePrefix(
  text: string,
  start: number,
  end: number,
  prefix: (line: number) => string,
): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const next = text.indexOf('\n', end)
  const to = next < 0 ? text.length : next
  const lines = text.slice(from, to).split('\n')
  const all = lines.every((line, i) => line.startsWith(prefix(i)))
  const insert = lines.map((line, i) => (all ? line.slice(prefix(i).length) : prefix(i) + line)).join('\n')
  const caret = from + insert.length
  return { from, to, insert, select: start === end ? [caret, caret] : [from, caret] }
}

/** Code in the line, or a fence around several lines. */
export function toggleCode(text: string, start: number, end: number): Edit {
  return text.slice(start, end).includes('\n') ? fence(text, start, end) : toggleMark(text, start, end, '`')
}

export function fence(text: string, start: number, end: number): Edit {
  const before = start > 0 && text[start - 1] !== '\n' ? '\n' : ''
  const after = end < text.length && text[end] !== '\n' ? '\n' : ''
  const open = `${before}\`\`\`\n`
  const insert = `${open}${text.slice(start, end)}\n\`\`\`${after}`
  return { from: start, to: end, insert, select: [start + open.length, start + open.length + (end - start)] }
}

/** The selection as the text of a link; without an address, the place for it is selected. */
export function link(text: string, start: number, end: number, url = ''): Edit {
  const label = text.slice(start, end)
  const insert = `[${label}](${url})`
  const middle = start + label.length + 3
  const select: Edit['select'] = !label
    ? [start + 1, start + 1]
    : url
      ? [start + insert.length, start + insert.length]
      : [middle, middle]
  return { from: start, to: end, insert, select }
}

/** One address and nothing else. */
export function isUrl(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text.trim()) && URL.canParse(text.trim())
}

/** Whether the caret stands inside a code fence that is still open. */
export function insideFence(text: string, caret: number): boolean {
  let open = false
  for (const line of text.slice(0, caret).split('\n')) if (/^ {0,3}```/.test(line)) open = !open
  return open
}

// Characters that take room or direction but show nothing.
const INVISIBLE = /[\s\p{Cf}\p{Cc}\p{Zs}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu

/** Nothing that anybody could see. */
export function isBlank(text: string): boolean {
  return text.replace(INVISIBLE, '') === ''
}

/** Characters as the database counts them; exact only where it matters. */
export function countCharacters(text: string, near: number): number {
  return text.length < near ? text.length : [...text].length
}
