import { RestError } from './errors'

/** What `application/vnd.pgrst.plan` asks of EXPLAIN. */
export type Explain = { format: 'text' | 'json'; options: string[] }

/** A form that the database itself gives to an answer: a domain with the name of a media type. */
export type Custom = {
  type: string
  /** Whether the text is hexadecimal digits of bytes. */
  bytes: boolean
  /** The aggregate that makes it of rows, and the relation whose rows it takes (null: any); none when a function returns it. */
  aggregate?: { schema: string; name: string; relation: number | null }
}

/** The form an answer is asked in. */
export type Media = {
  kind: 'json' | 'object' | 'csv' | 'openapi' | 'custom' | 'none'
  stripNulls: boolean
  contentType: string
  /** What the client takes, best first, with our own form of it. */
  wanted: Wanted[]
  explain?: Explain
  custom?: Custom
}

type Form = Omit<Media, 'wanted'>
export type Wanted = { type: string; form: Form | null }

export const JSON_TYPE = 'application/json; charset=utf-8'
const json: Form = { kind: 'json', stripNulls: false, contentType: JSON_TYPE }
const none: Form = { kind: 'none', stripNulls: false, contentType: '' }
const asJson = (type: string): Media => ({ ...json, wanted: [{ type, form: json }] })
const plainJson = asJson('application/json')
const anything = asJson('*/*')

/** Reads the `Accept` header: the best of our own forms, and what else would do. */
export function negotiate(accept: string | null, explain = false): Media {
  if (accept === null || accept === '*/*') return anything
  if (accept === 'application/json') return plainJson
  const wanted = accept
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((p) => p.trim().toLowerCase())
      const q = parameters.find((p) => p.startsWith('q='))
      return { type, parameters, q: q === undefined ? 1 : Number(q.slice(2)) || 0 }
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ type, parameters }) => ({ type, form: supported(type, parameters, explain) }))
  const best = wanted.find(({ form }) => form)?.form ?? { ...none, contentType: accept }
  return { ...best, wanted }
}

/** The form of an answer that `custom` may have in the forms that the database knows. */
export function chooseMedia(media: Media, custom: (type: string) => Custom | null): Media {
  for (const { type, form } of media.wanted) {
    const own = type.startsWith('application/vnd.pgrst.') ? null : custom(type)
    if (own) {
      const contentType = own.type === '*/*' ? 'application/octet-stream' : withCharset(own.type)
      return { kind: 'custom', stripNulls: false, contentType, custom: own, wanted: media.wanted }
    }
    if (form) return { ...form, wanted: media.wanted }
  }
  throw unavailableMedia(media)
}

/** The 406 of a form that there is not. */
export function unavailableMedia({ contentType }: Media): RestError {
  return new RestError(406, 'PGRST107', `None of these media types are available: ${contentType}`)
}

/** Whether a media type is one that a client wants. */
export function matches(type: string, wanted: string): boolean {
  if (type === wanted || wanted === '*/*' || type === '*/*') return true
  return wanted.endsWith('/*') && type.startsWith(wanted.slice(0, -1))
}

function withCharset(type: string): string {
  const text = ['application/json', 'application/geo+json', 'text/csv', 'text/plain', 'text/xml']
  return text.includes(type) ? `${type}; charset=utf-8` : type
}

function supported(type: string, parameters: string[], explain: boolean): Form | null {
  const stripNulls = parameters.includes('nulls=stripped')
  const suffix = stripNulls ? ';nulls=stripped; charset=utf-8' : '; charset=utf-8'
  switch (type) {
    case '*/*':
    case 'application/*':
    case 'application/json':
      return json
    case 'application/vnd.pgrst.object':
    case 'application/vnd.pgrst.object+json':
      return { kind: 'object', stripNulls, contentType: `application/vnd.pgrst.object+json${suffix}` }
    case 'application/vnd.pgrst.array':
    case 'application/vnd.pgrst.array+json':
      return stripNulls
        ? { kind: 'json', stripNulls, contentType: `application/vnd.pgrst.array+json${suffix}` }
        : json
    case 'text/csv':
    case 'text/*':
      return { kind: 'csv', stripNulls: false, contentType: 'text/csv; charset=utf-8' }
    case 'application/openapi+json':
      return {
        kind: 'openapi',
        stripNulls: false,
        contentType: 'application/openapi+json; charset=utf-8',
      }
    case 'application/vnd.pgrst.plan':
    case 'application/vnd.pgrst.plan+text':
      return explain ? plan('text', parameters) : null
    case 'application/vnd.pgrst.plan+json':
      return explain ? plan('json', parameters) : null
    default:
      return null
  }
}

const EXPLAIN_OPTIONS = ['analyze', 'verbose', 'settings', 'buffers', 'wal']

/** `for="application/json"; options=analyze|verbose` */
function plan(format: Explain['format'], parameters: string[]): Form | null {
  const value = (name: string) =>
    parameters.find((p) => p.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const type = value('for').replaceAll('"', '') || 'application/json'
  const form = supported(type, [], false)
  if (!form || form.kind === 'openapi') return null
  const asked = value('options').split('|')
  const options = EXPLAIN_OPTIONS.filter((option) => asked.includes(option))
  const shown = options.length > 0 ? `; options=${options.join('|')}` : ''
  const contentType = `application/vnd.pgrst.plan+${format}; for="${type}"${shown}; charset=utf-8`
  return { ...form, contentType, explain: { format, options } }
}
