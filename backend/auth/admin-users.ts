import { z } from 'zod'
import { ADMIN, auditEntry } from './audit'
import type { Auth, AuthContext } from './auth'
import { notImplemented, validationFailed } from './auth-error'
import { isUuid, requireAdmin } from './authenticate'
import { bannedUntil } from './ban'
import { parseEmail } from './email'
import { loadUser, userIdOf, userNotFound } from './load-user'
import { checkMetadata, metadataSchema } from './metadata'
import { checkHashable, checkPassword } from './passwords'
import { clientOf, readBody } from './request'
import { newRefreshToken } from './sessions'
import { softDelete } from './soft-delete'
import { emailExists, updateUser } from './update-user'
import { userJson } from './user-row'
import { findUserById, insertUser } from './users'

const schema = z.object({
  id: z.string().nullish(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  password_hash: z.string().nullish(),
  email_confirm: z.boolean().nullish(),
  user_metadata: metadataSchema,
  app_metadata: metadataSchema,
  role: z.string().nullish(),
  ban_duration: z.string().nullish(),
})

const deleteSchema = z.object({ should_soft_delete: z.boolean().nullish() })

/** `POST /admin/users`. */
export function createUser(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const body = await readBody(c, schema)
    const by = { actor: ADMIN, client: clientOf(c, auth.settings.trustedProxies) }
    if (body.phone) throw notImplemented('Signing in by phone')
    if (!body.email) throw validationFailed('Cannot create a user without either an email or phone')
    if (body.id && !isUuid(body.id)) throw validationFailed('ID must conform to the uuid v4 format')
    const email = parseEmail(body.email)
    const until = bannedUntil(body.ban_duration)
    const [userMetadata, appMetadata] = [body.user_metadata ?? {}, body.app_metadata ?? {}]
    checkMetadata({ userMetadata, appMetadata })
    const user = {
      id: body.id ?? undefined,
      email,
      encryptedPassword: await encrypt(auth, body),
      confirmed: body.email_confirm ?? false,
      role: parseRole(body.role) ?? 'authenticated',
      ...{ userMetadata, appMetadata },
    }
    const created = await auth.sql.begin(async (sql) => {
      const id = await insertUser(sql, user, by)
      if (id && until) return updateUser(sql, id, { bannedUntil: until }, null)
      return id && findUserById(sql, id)
    })
    if (!created) throw emailExists()
    return c.json(userJson(created))
  }
}

/** `GET /admin/users/:id`. */
export function getUserById(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => c.json(userJson(await loadUser(auth, c)))
}

/** `PUT /admin/users/:id`. */
export function updateUserById(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { id } = await loadUser(auth, c)
    const body = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    if (body.phone) throw notImplemented('Signing in by phone')
    if (body.password) checkPassword(body.password, auth.settings.passwordMinLength)
    const changes = {
      email: body.email ? parseEmail(body.email) : undefined,
      confirmEmail: body.email_confirm ?? false,
      encryptedPassword: body.password || body.password_hash ? await encrypt(auth, body) : undefined,
      userMetadata: body.user_metadata ?? undefined,
      appMetadata: body.app_metadata ?? undefined,
      role: parseRole(body.role),
      bannedUntil: bannedUntil(body.ban_duration),
    }
    const changed = await auth.sql.begin(async (sql) => {
      await auditEntry(sql, { action: 'user_modified', actor: ADMIN, client, traits: { user_id: id } })
      return updateUser(sql, id, changes, null)
    })
    if (!changed) throw userNotFound()
    return c.json(userJson(changed))
  }
}

/** `DELETE /admin/users/:id`; softly: what others refer to stays, and says nothing about the person any more. */
export function deleteUser(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const id = userIdOf(c)
    const { should_soft_delete: soft } = await readBody(c, deleteSchema)
    const client = clientOf(c, auth.settings.trustedProxies)
    await auth.sql.begin(async (sql) => {
      const [user] = await sql<{ email: string | null; is_deleted: boolean }[]>`
        select email, deleted_at is not null as is_deleted from auth.users where id = ${id} for update`
      if (!user) throw userNotFound()
      if (soft && user.is_deleted) return
      const traits = { user_id: id, user_email: user.email ?? '', user_phone: '' }
      await auditEntry(sql, { action: 'user_deleted', actor: ADMIN, client, traits })
      if (soft) await softDelete(sql, id)
      else await sql`delete from auth.users where id = ${id}`
    })
    return c.json({})
  }
}

/** The hash of the given password; without one nobody knows the password, and it can only be set anew. */
async function encrypt(auth: Auth, body: z.infer<typeof schema>): Promise<string> {
  const { password, password_hash: given } = body
  if (password && given) throw validationFailed('Only a password or a password hash should be provided')
  if (given) {
    if (/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(given)) return given
    throw validationFailed('password_hash must be a bcrypt hash')
  }
  if (password) checkHashable(password)
  return auth.passwords.hash(password || newRefreshToken())
}

/** A role that a token may carry: anything else would be a way to a database role that is nobody's. */
function parseRole(role: string | null | undefined): string | undefined {
  if (!role || role === 'authenticated') return role || undefined
  throw validationFailed('role must be authenticated')
}
