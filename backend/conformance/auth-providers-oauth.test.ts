import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser, type Page } from './browser'
import { APP, fragment, query, startWithOidc } from './oidc-world'

/** What GitHub and GitLab would answer, by path. */
const answers: Record<string, unknown> = {}
let world: Awaited<ReturnType<typeof startWithOidc>>
let server: Server
let exchanged: URLSearchParams[] = []

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    let body = ''
    for await (const chunk of request) body += chunk
    response.setHeader('content-type', 'application/json')
    if (pathname.endsWith('/access_token') || pathname.endsWith('/token')) {
      exchanged.push(new URLSearchParams(body))
      // GitHub refuses with a 200.
      const isGood = body.includes('code=good')
      response.end(
        JSON.stringify(
          isGood
            ? { access_token: 'gh', token_type: 'bearer', scope: 'x' }
            : { error: 'bad_verification_code' },
        ),
      )
      return
    }
    const isAllowed = request.headers.authorization === 'Bearer gh' && request.headers['user-agent']
    response.statusCode = isAllowed ? 200 : 401
    response.end(JSON.stringify(answers[pathname] ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const common = { clientIds: ['chat'], secret: 'secret', skipNonceCheck: false, emailOptional: false, url }
  world = await startWithOidc({ externalProviders: { github: common, gitlab: common } })
})

afterAll(async () => {
  server.close()
  await world.stop()
})

/** A sign-in of which the provider's page is left out: it would send the browser back with this code. */
async function signIn(provider: string, code = 'good'): Promise<Page> {
  const browser = new Browser()
  const begin = new URL(`${world.auth.server.url}/auth/v1/authorize`)
  begin.search = new URLSearchParams({ provider, redirect_to: APP, scopes: 'read:org' }).toString()
  const answer = await browser.request(begin)
  const to = new URL(answer.headers.get('location') ?? '')
  const back = new URLSearchParams({ state: to.searchParams.get('state') ?? '', code })
  return browser.open(`${to.searchParams.get('redirect_uri')}?${back}`, APP)
}

describe('GitHub', () => {
  test('tells which addresses are verified, apart from the profile', async () => {
    answers['/api/v3/user'] = {
      ...{
        id: 7,
        login: 'ada',
        name: 'Ada',
        email: 'shown@example.com',
        avatar_url: 'https://example.com/a.png',
      },
    }
    answers['/api/v3/user/emails'] = [
      { email: 'other@example.com', verified: false, primary: false },
      { email: 'Ada.Git@example.com', verified: true, primary: true },
    ]
    exchanged = []
    const page = await signIn('github')
    const user = await world.userOf(page)
    expect(user).toMatchObject({
      email: 'ada.git@example.com',
      app_metadata: { provider: 'github' },
      user_metadata: {
        ...{ sub: '7', provider_id: '7', user_name: 'ada', preferred_username: 'ada', full_name: 'Ada' },
        avatar_url: 'https://example.com/a.png',
      },
    })
    expect(fragment(page).provider_token).toBe('gh')
    expect(exchanged[0]?.get('code_verifier')).toMatch(/^[\w-]{43}$/)
  })

  test('with an address that is shown and not verified leads into nobody’s account', async () => {
    const { email } = await world.auth.signUp()
    answers['/api/v3/user'] = { id: 8, login: 'eve', email }
    answers['/api/v3/user/emails'] = [{ email, verified: false, primary: true }]
    expect(query(await signIn('github'))).toMatchObject({ error_code: 'provider_email_needs_verification' })
  })

  test('that does not accept the code signs nobody in', async () => {
    expect(query(await signIn('github', 'bad'))).toMatchObject({
      error: 'server_error',
      error_description: 'Unable to exchange external code',
    })
  })
})

test('GitLab tells by a date whether an address is confirmed', async () => {
  const grace = { id: 9, username: 'grace', name: 'Grace', email: 'grace.lab@example.com' }
  answers['/api/v4/user'] = { ...grace, confirmed_at: '2026-01-01T00:00:00Z' }
  const user = await world.userOf(await signIn('gitlab'))
  expect(user).toMatchObject({ email: 'grace.lab@example.com', user_metadata: { email_verified: true } })
  const victim = await world.auth.signUp()
  answers['/api/v4/user'] = { ...grace, id: 10, email: victim.email, confirmed_at: null }
  expect(query(await signIn('gitlab'))).toMatchObject({ error_code: 'provider_email_needs_verification' })
})
