import type { JsonStep, Operand } from './ast'
import { RestError } from './errors'

/** What a request brings to a plan: the texts behind its parameters. */
export type Bindings = {
  values: string[]
  /** The JSON body, as text. */
  body: string
  /** The first row and how many, from `limit`, `offset`, `Range` and the row cap. */
  limit: string | null
  offset: string
}

/** The text of one parameter for a request. */
export type Bind = (bindings: Bindings) => string | null

/** A statement, and how to fill its parameters from a request of its shape. */
export type Statement = { text: string; params: Bind[] }

/**
 * Collects the parameters of a statement while its text is written.
 *
 * Values only ever become `$n`. They stay untyped unless a cast is written, so that PostgreSQL takes the type of what they
 * are compared with, and its errors are those of a literal.
 */
export class Builder {
  readonly params: Bind[] = []
  private readonly known = new Map<unknown, Map<string, string>>()
  private aliases = 0

  /** A parameter; the same `key` and `form` give the same one, so that a condition can stand in two places. */
  param(key: unknown, form: string, bind: Bind): string {
    const forms = this.known.get(key) ?? new Map<string, string>()
    this.known.set(key, forms)
    const found = forms.get(form)
    if (found) return found
    const text = `$${this.params.push(bind)}`
    forms.set(form, text)
    return text
  }

  /** The value of an operand, changed by `change` on the way. */
  operand(operand: Operand, form = 'text', change: (text: string) => string = (text) => text): string {
    return this.param(operand, form, ({ values }) =>
      checkText(change('slot' in operand ? (values[operand.slot] ?? '') : operand.text)),
    )
  }

  /** A text of the query's structure, such as a JSON key; not part of the statement either. */
  constant(text: string): string {
    return `${this.param(`constant ${text}`, '', () => checkText(text))}::text`
  }

  jsonPath(path: JsonStep[]): string {
    return path
      .map(({ arrow, key }) => {
        if (typeof key === 'string') return `${arrow}${this.constant(key)}`
        return `${arrow}${this.param(`index ${key}`, '', () => String(key))}::int`
      })
      .join('')
  }

  alias(prefix: string): string {
    return `${prefix}${this.aliases++}`
  }

  statement(text: string): Statement {
    return { text, params: this.params }
  }
}

/** PostgreSQL's texts cannot hold NUL; its own answer would be a protocol error. */
function checkText(text: string): string {
  if (!text.includes('\0')) return text
  throw new RestError(400, '22021', 'invalid byte sequence for encoding "UTF8": 0x00')
}

/** Quotes an identifier of the catalogue. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function qualified({ schema, name }: { schema: string; name: string }): string {
  return `${ident(schema)}.${ident(name)}`
}

/**
 * Quotes the name a request gives to something in its result.
 *
 * The one text of a request that stands in a statement (it becomes a JSON key), so it is held to what cannot end a quoted
 * identifier, and to the length that PostgreSQL would cut it to.
 */
export function resultName(name: string): string {
  if (/["\\\p{Cc}]/u.test(name) || Buffer.byteLength(name) > 63)
    throw new RestError(400, 'PGRST100', `"${name.slice(0, 80)}" cannot be used as a name in the result`, {
      details: 'An alias has at most 63 bytes and no quote, backslash or control character',
    })
  return `"${name}"`
}

/** An array literal, for `= any($1)`. */
export function arrayLiteral(values: string[]): string {
  return `{${values.map((v) => `"${v.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`
}

/** A row count of a request: digits, within bigint. */
export function count(text: string, what: 'limit' | 'offset'): string {
  const trimmed = text.trim()
  if (/^\d{1,18}$/.test(trimmed)) return trimmed
  if (/^-\d{1,18}$/.test(trimmed))
    throw new RestError(416, 'PGRST103', 'Requested range not satisfiable', {
      details: `${what === 'limit' ? 'Limit' : 'Offset'} should be greater than or equal to zero.`,
    })
  throw new RestError(400, 'PGRST100', `"failed to parse ${what} (${trimmed.slice(0, 80)})"`, {
    details: 'expecting a whole number',
  })
}
