import { generateBody } from './generate-body'
import { generateHeaders } from './generate-headers'
import { generateQuery } from './generate-query'
import { mutate } from './mutate'
import { createRandom } from './random'
import type { Vocabulary } from './vocabulary'

export const PERSONAS = ['anon', 'person', 'service_role'] as const
export type Persona = (typeof PERSONAS)[number]

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PATCH', 'PUT', 'DELETE']

/** One request. */
export type FuzzCase = {
  persona: Persona
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

/** The request with this number of a run. */
export function generateCase(words: Vocabulary, seed: number, index: number): FuzzCase {
  const random = createRandom(seed, index)
  const persona = random.pick(PERSONAS)
  const isCall = random.chance(0.25)
  const method = isCall
    ? random.pick(random.chance(0.98) ? ['GET', 'POST'] : ['HEAD', 'PUT'])
    : random.pick(random.chance(0.98) ? METHODS : ['OPTIONS', 'BREW'])
  const relation = random.pick(words.relations)
  const routine = random.pick(words.routines)
  const target = isCall ? `rpc/${routine.name}` : relation.name
  const query = generateQuery(random, words, relation, isCall ? routine.args : null)
  let body = generateBody(random, isCall ? routine.args : relation.columns)
  // Half of the requests are as a client makes them; the others are damaged.
  const damage = random.chance(0.6) ? 0 : 1 + random.below(3)
  let path = target
  let search = query
  for (let i = 0; i < damage; i++) {
    const where = random.below(10)
    if (where < 6) search = mutate(random, search)
    else if (where < 9) body = mutate(random, body)
    else path = mutate(random, path)
  }
  const url = `/rest/v1/${sendable(path)}${search === '' ? '' : `?${sendable(search)}`}`
  return { persona, method, url, headers: generateHeaders(random), body }
}

/** What can stand in the first line of a request; the rest is percent-encoded, as every client does. */
function sendable(text: string): string {
  return text.replace(/[^\x21-\x7e]|#/gu, (character) => {
    if (/\p{Surrogate}/u.test(character)) return '%ED%A0%80'
    return encodeURIComponent(character)
  })
}
