import type { IncomingHttpHeaders } from 'node:http'
import type postgres from 'postgres'
import type { Caller } from '../caller'

/** Who asks for what. */
export type Requester = {
  /** Whose rights decide; null for storage itself, when a signature or a public bucket has decided already. */
  caller: Caller | null
  /** What policies hear from `storage.operation()`. */
  operation: string
  method: string
  path: string
  headers: IncomingHttpHeaders
}

/** A transaction. */
export type Transaction = postgres.TransactionSql
type Work<T> = (sql: Transaction) => Promise<T>

/** The database as storage uses it: as itself, the owner of its tables, or with the rights of whoever asks. */
export type Access = {
  /** Storage itself. Row-level security does not apply to it. */
  own: postgres.Sql
  /** A transaction with the requester's rights; `before` runs first in it, as storage itself. */
  as<T>(requester: Requester, work: Work<T>, before?: Work<void>): Promise<T>
  /** Whether work would be allowed: does it and takes it back. Throws what it throws. */
  rehearse(requester: Requester, work: Work<unknown>): Promise<void>
}

/** Signals to the driver that a transaction is to be rolled back, though nothing went wrong. */
class Rehearsed extends Error {}

/** Makes it from a pool of `supabase_storage_admin`. */
export function createAccess(own: postgres.Sql): Access {
  async function as<T>(requester: Requester, work: Work<T>, before?: Work<void>): Promise<T> {
    const result = await own.begin(async (sql) => {
      await before?.(sql)
      await become(sql, requester)
      return work(sql)
    })
    return result as T
  }
  return {
    own,
    as,
    async rehearse(requester, work) {
      const rehearsal = as(requester, async (sql) => {
        await work(sql)
        throw new Rehearsed()
      })
      await rehearsal.catch((error: unknown) => {
        if (!(error instanceof Rehearsed)) throw error
      })
    },
  }
}

/** Role, claims and request, for this transaction only. The same settings as REST's, and the operation. */
async function become(
  sql: Transaction,
  { caller, operation, method, path, headers }: Requester,
): Promise<void> {
  const { role, claims } = caller ?? { role: 'none', claims: {} }
  await sql`select set_config('role', ${role}, true),
    set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
    set_config('request.jwt.claim.sub', ${typeof claims.sub === 'string' ? claims.sub : ''}, true),
    set_config('request.method', ${method}, true),
    set_config('request.path', ${path}, true),
    set_config('request.headers', ${JSON.stringify(headers)}, true),
    set_config('storage.operation', ${operation}, true),
    set_config('search_path', 'storage, public, extensions', true)`
}
