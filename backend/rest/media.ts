import { RestError } from './errors'

/** The form an answer is asked in. */
export type Media = { kind: 'json' | 'object' | 'csv' | 'openapi'; stripNulls: boolean; contentType: string }

export const JSON_TYPE = 'application/json; charset=utf-8'
const json: Media = { kind: 'json', stripNulls: false, contentType: JSON_TYPE }

/** Chooses what the `Accept` header likes best of what there is. */
export function negotiate(accept: string | null): Media {
  if (accept === null || accept === 'application/json' || accept === '*/*') return json
  const wanted = accept
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((p) => p.trim().toLowerCase())
      const q = parameters.find((p) => p.startsWith('q='))
      return { type, parameters, q: q === undefined ? 1 : Number(q.slice(2)) || 0 }
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
  for (const { type, parameters } of wanted) {
    const media = supported(type, parameters)
    if (media) return media
  }
  throw new RestError(406, 'PGRST107', `None of these media types are available: ${accept}`)
}

function supported(type: string, parameters: string[]): Media | null {
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
    default:
      return null
  }
}
