import { randomBytes, randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import type { Sql, TransactionSql } from 'postgres'
import { connectDatabase } from './database'
import type { Product } from './product'

export type Member = { userId: string; email: string; sessionId: string; token: string; refreshToken: string }

/**
 * Many people at once, for load and crash tests. They are written straight into the database and get tokens signed
 * with the installation's own key: two hundred sign-ups would measure bcrypt and meet the rate limit. An hour is what
 * tokens of the product are good for.
 */
export async function makeCrowd(
  product: Pick<Product, 'secrets' | 'url'>,
  size: number,
  { goodFor = '1h' } = {},
): Promise<Member[]> {
  const people = Array.from({ length: size }, (_, index) => {
    const userId = randomUUID()
    const email = `person-${index}-${userId.slice(0, 8)}@example.test`
    return {
      userId,
      sessionId: randomUUID(),
      refreshToken: randomBytes(16).toString('base64url'),
      email,
      name: `Person ${index}`,
    }
  })
  const sql = connectDatabase(product.secrets.databaseUrl, { max: 1 })
  // A statement has 65,535 parameters at most.
  for (let from = 0; from < size; from += 1_000) await insertPeople(sql, people.slice(from, from + 1_000))
  await sql.end()
  const sign = await signer(product.secrets.signingKey, goodFor)
  return Promise.all(
    people.map(async ({ name: _, ...person }) => ({
      ...person,
      token: await sign(personClaims(person, product.url)),
    })),
  )
}

type Unsigned = Omit<Member, 'token'> & { name: string }

async function insertPeople(sql: Sql, people: Unsigned[]): Promise<void> {
  await sql`insert into auth.users ${sql(
    people.map(({ userId, email, name }) => ({
      id: userId,
      aud: 'authenticated',
      role: 'authenticated',
      email,
      email_confirmed_at: new Date(),
      raw_app_meta_data: { provider: 'email', providers: ['email'] },
      raw_user_meta_data: { display_name: name },
      created_at: new Date(),
      updated_at: new Date(),
    })),
  )}`
  await sql`insert into auth.sessions ${sql(
    people.map(({ userId, sessionId }) => ({
      id: sessionId,
      user_id: userId,
      aal: 'aal1',
      created_at: new Date(),
      updated_at: new Date(),
    })),
  )}`
  await sql`insert into auth.refresh_tokens ${sql(
    people.map(({ userId, sessionId, refreshToken }) => ({
      instance_id: '00000000-0000-0000-0000-000000000000',
      token: refreshToken,
      user_id: userId,
      revoked: false,
      session_id: sessionId,
      created_at: new Date(),
      updated_at: new Date(),
    })),
  )}`
}

/** The claims that a session of this person carries. */
export const personClaims = (
  { userId, email, sessionId }: Omit<Member, 'token' | 'refreshToken'>,
  url: string,
) => ({
  sub: userId,
  email,
  role: 'authenticated',
  aal: 'aal1',
  session_id: sessionId,
  is_anonymous: false,
  iss: `${url}/auth/v1`,
})

/** A workspace of the first person with everybody else in it, and channels with everybody in each. */
export async function makeWorkspace(
  product: Pick<Product, 'secrets'>,
  people: Member[],
  channels: { name: string; kind: 'public' | 'private'; members?: Member[] }[],
): Promise<{ workspaceId: string; slug: string; channelIds: string[] }> {
  const slug = `crowd-${randomUUID().slice(0, 8)}`
  const owner = people[0] as Member
  const sql = connectDatabase(product.secrets.databaseUrl, { max: 1 })
  const asOwner = <T>(run: (tx: TransactionSql) => Promise<T>) =>
    sql.begin(async (tx) => {
      const claims = JSON.stringify({ sub: owner.userId, role: 'authenticated' })
      await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`
      return run(tx)
    })
  try {
    const workspaceId = await asOwner(async (tx) => {
      const [row] = await tx`select public.create_workspace(name => 'Crowd', slug => ${slug}) as made`
      return row?.made.id as string
    })
    const rest = people.slice(1)
    if (rest.length > 0) {
      await sql`insert into public.workspace_members ${sql(
        rest.map(({ userId }) => ({ workspace_id: workspaceId, user_id: userId, role: 'member' })),
      )}`
    }
    const channelIds: string[] = []
    for (const { name, kind, members = people } of channels) {
      const ids = members.map(({ userId }) => userId).filter((id) => id !== owner.userId)
      const made = await asOwner(async (tx) => {
        const [row] = await tx`select public.create_channel(
          workspace_id => ${workspaceId}, kind => ${kind}, name => ${name}, member_ids => ${ids}) as made`
        return row?.made.id as string
      })
      channelIds.push(made)
    }
    return { workspaceId, slug, channelIds }
  } finally {
    await sql.end()
  }
}

async function signer(jwk: Record<string, string>, goodFor: string) {
  const key = await importJWK(jwk, 'ES256')
  return (claims: Record<string, unknown>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: jwk.kid as string })
      .setAudience('authenticated')
      .setIssuedAt()
      .setExpirationTime(goodFor)
      .sign(key)
}
