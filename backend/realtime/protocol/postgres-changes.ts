import type { Envelope } from './envelope'

/** One committed row change with the ids of the bindings it answers. Built as text: see `changes/`. */
export type PostgresChanges = Envelope<'postgres_changes', { ids: number[]; data: Change }>

/** `record` and `old_record` hold JSON as PostgreSQL's `to_jsonb` writes it. */
export type Change = {
  schema: string
  table: string
  commit_timestamp: string
  type: 'INSERT' | 'UPDATE' | 'DELETE'
  columns: { name: string; type: string }[]
  record?: Record<string, unknown>
  old_record?: Record<string, unknown>
  errors: string[] | null
}
