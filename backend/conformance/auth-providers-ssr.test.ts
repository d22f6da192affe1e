import { createServerClient } from '@supabase/ssr'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { Browser } from './browser'
import { APP, query, startWithOidc } from './oidc-world'

let world: Awaited<ReturnType<typeof startWithOidc>>

beforeAll(async () => {
  world = await startWithOidc()
})

afterAll(() => world.stop())

/** What a browser keeps of an application that signs people in on its server. */
function cookieJar() {
  const kept = new Map<string, string>()
  /** The application's client while it answers one request of this browser. */
  const client = () =>
    createServerClient(world.auth.server.url, world.auth.server.publishableKey, {
      cookies: {
        getAll: () => [...kept].map(([name, value]) => ({ name, value })),
        setAll: (cookies) => {
          for (const { name, value, options } of cookies) {
            if (value === '' || options?.maxAge === 0) kept.delete(name)
            else kept.set(name, value)
          }
        },
      },
      realtime: { transport: WebSocket as never },
    })
  return { kept, client }
}

test('an application on a server signs somebody in, request by request', async () => {
  const { kept, client } = cookieJar()
  const person = world.newPerson()

  // The route that a button leads to.
  const { data, error } = await client().auth.signInWithOAuth({
    provider: 'keycloak',
    options: { redirectTo: APP, queryParams: { login_hint: person.sub } },
  })
  expect(error).toBeNull()
  expect([...kept.keys()].some((name) => name.endsWith('-code-verifier'))).toBe(true)
  const page = await new Browser().open(data.url ?? '', 'https://app.example.com/')

  // The route that the provider leads back to.
  const exchanged = await client().auth.exchangeCodeForSession(query(page).code ?? '')
  expect(exchanged.error).toBeNull()

  // Any later request.
  const later = await client().auth.getUser()
  expect(later.data.user?.email).toBe(person.email)
  const claims = await client().auth.getClaims()
  expect(claims.data?.claims.amr).toMatchObject([{ method: 'oauth' }])

  // Another browser has nothing of it, and cannot use the code.
  const other = cookieJar()
  expect((await other.client().auth.getUser()).data.user).toBeNull()
  expect((await other.client().auth.exchangeCodeForSession(query(page).code ?? '')).error).not.toBeNull()
})
