import { describe, expect, test } from 'vitest'
import { makeCrowd, makeWorkspace } from './crowd'
import { product } from './shared-product'

// The front end's server has the key that row-level security does not bind. Nothing of it reaches a browser.

const { url, secrets } = product
const asked = (path: string, init: RequestInit = {}) => fetch(`${url}${path}`, init)

describe('what browsers get', () => {
  test('has no word of the key, on any page or in any script', async () => {
    const pages = ['/sign-in', '/sign-up', '/w/acme', '/join/x', '/forgot-password']
    const seen = new Map<string, string>()
    const queue = [...pages]
    for (let path = queue.pop(); path; path = queue.pop()) {
      if (seen.has(path)) continue
      const text = await (await asked(path)).text()
      seen.set(path, text)
      for (const [, script] of text.matchAll(/(\/?_?(?:next\/)?static\/chunks\/[\w./~-]+\.js)/g)) {
        const found = script?.replace(/^\/?(_next\/)?/, '/_next/')
        if (found) queue.push(found)
      }
    }
    const all = [...seen.values()]
    // Control: these are the scripts, and they do know the publishable way.
    expect(seen.size).toBeGreaterThan(pages.length + 5)
    expect(all.some((text) => text.includes('/api/config'))).toBe(true)
    for (const [path, text] of seen) {
      for (const word of ['SERVICE_ROLE', 'sb_secret_', secrets.secretKey, 'SUPABASE_INTERNAL_URL']) {
        expect(text.includes(word), `${word} in ${path}`).toBe(false)
      }
    }
  })
})

describe('the routes that use it', () => {
  test('ask the database as the caller first', async () => {
    const [ada, bob, mallory] = await makeCrowd(product, 3)
    if (!ada || !bob || !mallory) throw new Error('nobody')
    await makeWorkspace(product, [ada, bob], [])
    const reset = (who: typeof ada | null) =>
      asked(`/api/people/${bob.userId}/reset-link`, {
        method: 'POST',
        body: '{}',
        headers: {
          'content-type': 'application/json',
          ...(who ? { authorization: `Bearer ${who.token}` } : {}),
        },
      })
    expect((await reset(null)).status).toBe(401)
    expect((await reset(mallory)).status).toBe(403)
    expect((await reset(bob)).status).toBe(403)
    // Control: Ada, who made the workspace, gets past the question.
    expect((await reset(ada)).status).not.toBeOneOf([401, 403, 501])
    const sso = (who: typeof ada) =>
      asked(`/api/workspaces/${bob.userId}/sso`, { headers: { authorization: `Bearer ${who.token}` } })
    expect((await sso(mallory)).status).toBe(403)
  })
})
