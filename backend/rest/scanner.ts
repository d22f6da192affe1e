import { RestError } from './errors'

const NAME = /[\p{L}\p{N}_$]+(?:[ -]+(?!>)[\p{L}\p{N}_$]+)*/uy

/** Reads a text from left to right; what it cannot read becomes a PGRST100 that says where. */
export class Scanner {
  readonly text: string
  private readonly what: string
  private at = 0

  constructor(text: string, what: string) {
    this.text = text
    this.what = what
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  /** The characters not read yet. */
  rest(): string {
    const rest = this.text.slice(this.at)
    this.at = this.text.length
    return rest
  }

  peek(token: string): boolean {
    return this.text.startsWith(token, this.at)
  }

  /** Reads `token` if it comes next. */
  take(token: string): boolean {
    if (!this.peek(token)) return false
    this.at += token.length
    return true
  }

  /** Reads what the sticky `pattern` matches here. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at += found[0].length
    return found
  }

  expect(token: string): void {
    if (!this.take(token)) this.fail(`"${token}"`)
  }

  end(): void {
    if (!this.done) this.fail('end of input')
  }

  skipSpace(): void {
    this.match(/[ \t]*/y)
  }

  /** A column, table or alias: bare, or in double quotes when it has special characters. */
  name(): string {
    if (this.peek('"')) return this.quoted()
    return this.match(NAME)?.[0] ?? this.fail('field name (* or [a..z0..9_$])')
  }

  /** A text in double quotes; a backslash keeps the character after it. */
  quoted(): string {
    this.expect('"')
    let value = ''
    while (!this.take('"')) {
      if (this.done) this.fail('"\\""')
      this.take('\\')
      value += this.text[this.at++] ?? ''
    }
    return value
  }

  /** Runs `read`; if that fails, goes back to where it began and returns null. */
  attempt<T>(read: () => T): T | null {
    const start = this.at
    try {
      return read()
    } catch (error) {
      if (!(error instanceof RestError)) throw error
      this.at = start
      return null
    }
  }

  fail(expected: string): never {
    const found = this.done ? 'unexpected end of input' : `unexpected ${JSON.stringify(this.text[this.at])}`
    throw new RestError(
      400,
      'PGRST100',
      `"failed to parse ${this.what} (${this.text})" (line 1, column ${this.at + 1})`,
      {
        details: `${found} expecting ${expected}`,
      },
    )
  }
}
