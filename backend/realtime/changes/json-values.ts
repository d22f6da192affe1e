/** A type as far as its JSON form goes. Domains are their base type. */
export type JsonType =
  | 'bool'
  | 'number'
  | 'json'
  | 'timestamp'
  | 'timestamptz'
  | 'text'
  | { array: JsonType; delimiter: string }

/** Oids of the built-in types that are not strings in JSON. */
const SCALARS: Record<number, JsonType> = {
  16: 'bool',
  20: 'number',
  21: 'number',
  23: 'number',
  700: 'number',
  701: 'number',
  1700: 'number',
  114: 'json',
  3802: 'json',
  1114: 'timestamp',
  1184: 'timestamptz',
}

/** The JSON form of a base type; `element` is the base type of an array's elements, 0 for other types. */
export function jsonTypeOf(oid: number, element = 0, delimiter = ','): JsonType {
  if (element !== 0) return { array: SCALARS[element] ?? 'text', delimiter }
  return SCALARS[oid] ?? 'text'
}

/** A value as PostgreSQL printed it, as the JSON text that `to_jsonb` makes of it. */
export function toJson(type: JsonType, text: string | null): string {
  if (text === null) return 'null'
  if (typeof type === 'object') return arrayToJson(type, text)
  switch (type) {
    case 'bool':
      return text === 't' ? 'true' : 'false'
    case 'number':
      // NaN and Infinity are strings in JSON.
      return /^-?\d/.test(text) ? text : JSON.stringify(text)
    case 'json':
      return text
    case 'timestamp':
      return JSON.stringify(text.replace(' ', 'T'))
    case 'timestamptz':
      return JSON.stringify(text.replace(' ', 'T').replace(/([+-]\d\d)( BC)?$/, '$1:00$2'))
    default:
      return JSON.stringify(text)
  }
}

/** `{1,NULL,"a \"b\""}`, nested, perhaps with bounds in front (`[2:3]={…}`). */
function arrayToJson({ array, delimiter }: { array: JsonType; delimiter: string }, text: string): string {
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0
  const parse = (): string => {
    const items: string[] = []
    at += 1
    while (text[at] !== '}') {
      if (text[at] === delimiter) at += 1
      if (text[at] === '{') items.push(parse())
      else if (text[at] === '"') items.push(toJson(array, quoted()))
      else {
        const word = bare()
        items.push(word === 'NULL' ? 'null' : toJson(array, word))
      }
      if (at >= text.length) break
    }
    at += 1
    return `[${items.join(',')}]`
  }
  const quoted = (): string => {
    let value = ''
    at += 1
    while (at < text.length && text[at] !== '"') {
      if (text[at] === '\\') at += 1
      value += text[at]
      at += 1
    }
    at += 1
    return value
  }
  const bare = (): string => {
    const start = at
    while (at < text.length && text[at] !== delimiter && text[at] !== '}') at += 1
    return text.slice(start, at)
  }
  return parse()
}
