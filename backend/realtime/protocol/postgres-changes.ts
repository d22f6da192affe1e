import type { Envelope } from './envelope'

/** One committed row change with the ids of the bindings it answers. Built as text: see `changes/`. */
export type PostgresChanges = Envelope<'postgres_changes', { ids: number[]; data: Change }>

/** The same as clients hear it whose join had no `config`: one message each, named by its type. */
export type LegacyChange = Envelope<Change['type'], Change>

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
