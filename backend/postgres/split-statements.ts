/** One statement of a SQL file and the line on which it starts, counted from 1. */
export type Statement = { text: string; line: number }

// What may hold a semicolon that ends nothing, then the semicolon itself, then the words of a SQL-standard body.
const pieces =
  /--[^\n]*|\/\*|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[eE]'|'|"|;|\bbegin\s+atomic\b|\b(?:case|end)\b/gi

/** Splits a SQL file into its statements: quotes, dollar quotes, nested comments and `begin atomic` are respected. */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = []
  let start = 0
  let depth = 0
  const take = (end: number) => {
    const lead = leadingSpace(sql.slice(start, end))
    const text = sql.slice(start + lead, end).trim()
    if (text) statements.push({ text, line: lineAt(sql, start + lead) })
    start = end + 1
  }
  pieces.lastIndex = 0
  for (let match = pieces.exec(sql); match; match = pieces.exec(sql)) {
    const piece = match[0].toLowerCase()
    if (piece === ';') {
      if (depth === 0) take(match.index)
    } else if (piece.startsWith('begin')) depth = 1
    else if (piece === 'case') depth += depth > 0 ? 1 : 0
    else if (piece === 'end') depth -= depth > 0 ? 1 : 0
    else pieces.lastIndex = endOfQuote(sql, match)
  }
  take(sql.length)
  return statements
}

function endOfQuote(sql: string, match: RegExpExecArray): number {
  const piece = match[0]
  const from = match.index + piece.length
  if (piece.startsWith('--')) return from
  if (piece === '/*') return endOfComment(sql, from)
  if (piece.length === 2 && piece.endsWith("'")) return endOfEscapeString(sql, from)
  // A doubled quote ends one string and starts the next: the effect is the same.
  const end = sql.indexOf(piece, from)
  return end === -1 ? sql.length : end + piece.length
}

function endOfEscapeString(sql: string, from: number): number {
  for (let at = from; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1
    else if (sql[at] === "'") return at + 1
  }
  return sql.length
}

function endOfComment(sql: string, from: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  let depth = 1
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return sql.length
}

/** How many characters of blank space and whole comments a text begins with. */
function leadingSpace(text: string): number {
  let at = 0
  for (;;) {
    const rest = text.slice(at)
    const blank = /^(?:\s+|--[^\n]*)/.exec(rest)
    if (blank) at += blank[0].length
    else if (rest.startsWith('/*')) at = endOfComment(text, at + 2)
    else return at
  }
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
