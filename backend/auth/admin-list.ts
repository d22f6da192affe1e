import type { Auth, AuthContext } from './auth'
import { validationFailed } from './auth-error'
import { requireAdmin } from './authenticate'
import { type UserRow, userColumns, userJson } from './user-row'

const DEFAULT_PAGE_SIZE = 50
const MAX_PAGE_SIZE = 1000

/** `GET /admin/users?page=&per_page=`: newest first, with the total and the pages in headers. */
export function listUsers(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const page = pageNumber(c.req.query('page'), 1)
    const perPage = Math.min(MAX_PAGE_SIZE, pageNumber(c.req.query('per_page'), DEFAULT_PAGE_SIZE))
    const [users, [counted]] = await Promise.all([
      auth.sql<UserRow[]>`
        select ${userColumns(auth.sql)} from auth.users u where u.deleted_at is null
        order by u.created_at desc, u.id limit ${perPage} offset ${(page - 1) * perPage}`,
      auth.sql<{ total: number }[]>`select count(*)::int as total from auth.users where deleted_at is null`,
    ])
    const total = counted?.total ?? 0
    const pages = Math.ceil(total / perPage)
    const link = (to: number, rel: string) => `</admin/users?page=${to}&per_page=${perPage}>; rel="${rel}"`
    c.header('x-total-count', String(total))
    c.header('link', [...(pages > page ? [link(page + 1, 'next')] : []), link(pages, 'last')].join(', '))
    return c.json({ users: users.map(userJson), aud: 'authenticated' })
  }
}

function pageNumber(text: string | undefined, fallback: number): number {
  if (!text) return fallback
  const value = Number(text)
  if (/^\d{1,6}$/.test(text) && value > 0) return value
  throw validationFailed('Bad Pagination Parameters: page and per_page must be whole numbers from 1')
}
