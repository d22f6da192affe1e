import type postgres from 'postgres'
import type { Database } from '../postgres/database'

/**
 * The service's own connections. Requests of REST and Auth must not delay questions about rights, and values must be
 * printed as the stream prints them.
 */
export type Pools = {
  /** authenticator: becomes whoever is asked about. */
  asking: postgres.Sql
  /** authenticator with little patience: looks at filters that clients wrote, when a change needs it. */
  filtering: postgres.Sql
  /** The same for filters that are asked for: whoever asks with something slow must not hold changes up. */
  checking: postgres.Sql
  /** supabase_admin: reads the schema and rows, keeps the slot and the publication. */
  admin: postgres.Sql
  end(): Promise<void>
}

const PRINTING = { TimeZone: 'UTC', DateStyle: 'ISO', IntervalStyle: 'postgres', bytea_output: 'hex' }

export function openPools(database: Database): Pools {
  const open = (role: string, name: string, max: number, more: Record<string, string | number>) =>
    database.connect(role, {
      max,
      // Arrays are written by `textArray`: a new connection need not ask for their types.
      fetch_types: false,
      connection: { application_name: `enterprise-chat ${name}`, ...PRINTING, ...more },
    })
  const asking = open('authenticator', 'realtime', 4, { statement_timeout: 10_000 })
  const filtering = open('authenticator', 'realtime filters', 1, { statement_timeout: 500 })
  const checking = open('authenticator', 'realtime filter checks', 2, { statement_timeout: 500 })
  const admin = open('supabase_admin', 'realtime admin', 3, { search_path: 'pg_catalog' })
  return {
    asking,
    filtering,
    checking,
    admin,
    end: async () => {
      await Promise.all([asking, filtering, checking, admin].map((pool) => pool.end({ timeout: 2 })))
    },
  }
}

/** A `text[]` as PostgreSQL reads it. */
export function textArray(values: readonly (string | null)[]): string {
  const items = values.map((value) => (value === null ? 'null' : `"${value.replace(/["\\]/g, '\\$&')}"`))
  return `{${items.join()}}`
}
