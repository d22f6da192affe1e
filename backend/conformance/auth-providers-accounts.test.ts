import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, password } from './auth-client'
import { Browser } from './browser'
import { APP, fragment, query, startWithOidc } from './oidc-world'

type World = Awaited<ReturnType<typeof startWithOidc>>
let world: World
let auth: World['auth']

beforeAll(async () => {
  world = await startWithOidc({ manualLinking: true })
  auth = world.auth
})

afterAll(() => world.stop())

describe('accounts', () => {
  test('of a verified address are one, whoever vouches', async () => {
    const email = auth.newEmail()
    const admin = auth.client(auth.server.secretKey)
    const made = await admin.auth.admin.createUser({ email, password, email_confirm: true })
    const user = await world.userOf(
      await world.signIn(world.implicit(), world.newPerson({ email: email.toUpperCase() }).sub),
    )
    expect(user.id).toBe(made.data.user?.id)
    expect(user.app_metadata).toMatchObject({ provider: 'email', providers: ['email', 'keycloak'] })
    expect((await auth.signIn(email)).user.id).toBe(user.id)
  })

  test('that somebody made with another’s address are handed over without a way in for them', async () => {
    const thief = await auth.signUp()
    const user = await world.userOf(
      await world.signIn(world.implicit(), world.newPerson({ email: thief.email }).sub),
    )
    expect(user.id).toBe(thief.user.id)
    expect(user.identities?.map(({ provider }) => provider)).toEqual(['keycloak'])
    await expect(auth.signIn(thief.email)).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect((await thief.supabase.auth.refreshSession()).error).toMatchObject({
      code: 'refresh_token_not_found',
    })
  })

  test('are handed over without what somebody has begun to connect with them', async () => {
    const begin = async ({ supabase }: Pick<Person, 'supabase'>) => {
      const identity = world.newPerson({ email: auth.newEmail('thief') })
      const { data } = await supabase.auth.linkIdentity({
        provider: 'keycloak',
        options: { redirectTo: APP, queryParams: { login_hint: identity.sub }, skipBrowserRedirect: true },
      })
      return data?.url ?? ''
    }
    const open = (url: string) => new Browser().open(url, 'https://app.example.com/')
    const [thief, other] = [await auth.signUp(), await auth.signUp()]
    const [begun, ofOther] = [await begin(thief), await begin(other)]
    await world.signIn(world.implicit(), world.newPerson({ email: thief.email }).sub)
    expect(fragment(await open(begun)).access_token).toBeUndefined()
    expect(fragment(await open(ofOther)).access_token).toBeDefined()
    const [{ count } = { count: 0 }] = await auth.server.database.admin<{ count: number }[]>`
      select count(*)::int from auth.identities where user_id = ${thief.user.id}`
    expect(count).toBe(1)
  })

  test('that are not confirmed are handed over in the same way', async () => {
    const email = auth.newEmail()
    const admin = auth.client(auth.server.secretKey)
    await admin.auth.admin.createUser({ email, password, user_metadata: { theirs: true } })
    const user = await world.userOf(await world.signIn(world.implicit(), world.newPerson({ email }).sub))
    expect(user.email_confirmed_at).toBeTruthy()
    expect(user.user_metadata).not.toHaveProperty('theirs')
    await expect(auth.signIn(email)).rejects.toMatchObject({ code: 'invalid_credentials' })
  })

  test('are not reached with an address that the provider has not verified', async () => {
    const victim = await auth.signUp()
    const page = await world.signIn(
      world.implicit(),
      world.newPerson({ email: victim.email, email_verified: false }).sub,
    )
    expect(query(page)).toMatchObject({
      error: 'access_denied',
      error_code: 'provider_email_needs_verification',
    })
    expect((await victim.supabase.auth.refreshSession()).error).toBeNull()
    const { data } = await victim.supabase.auth.getUser()
    expect(data.user?.identities).toHaveLength(1)
  })

  test('are not reached by way of an address that somebody merely typed elsewhere', async () => {
    const email = auth.newEmail('owner')
    const thief = await world.userOf(
      await world.signIn(world.implicit(), world.newPerson({ email, email_verified: false }).sub),
    )
    const owner = await world.userOf(await world.signIn(world.implicit(), world.newPerson({ email }).sub))
    expect(owner.id).toBe(thief.id)
    expect(owner.identities?.map(({ id }) => id)).not.toContain(thief.identities?.[0]?.id)
  })

  test('need an address', async () => {
    const person = world.idp.add({ sub: 'without-address' })
    expect(query(await world.signIn(world.implicit(), person.sub))).toMatchObject({ error: 'server_error' })
  })

  test('that are banned stay out', async () => {
    const person = world.newPerson()
    const user = await world.userOf(await world.signIn(world.implicit(), person.sub))
    const admin = auth.client(auth.server.secretKey)
    await admin.auth.admin.updateUserById(user.id, { ban_duration: '1h' })
    expect(query(await world.signIn(world.implicit(), person.sub))).toMatchObject({
      error: 'access_denied',
      error_code: 'user_banned',
    })
    await admin.auth.admin.updateUserById(user.id, { ban_duration: 'none' })
    expect(fragment(await world.signIn(world.implicit(), person.sub)).access_token).toBeTruthy()
  })

  test('of five arrivals at once are one', async () => {
    const person = world.newPerson()
    const pages = await Promise.all([1, 2, 3, 4, 5].map(() => world.signIn(world.implicit(), person.sub)))
    const users = await Promise.all(pages.map(world.userOf))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
  })
})
