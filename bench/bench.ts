import type { Crowd } from './crowd'
import type { Measured, RowId } from './targets'

/** What every measurement gets: how long and how often, and where results go. */
export type Common = {
  seconds: number
  repeats: number
  /** Size of the company that the crowded rows measure. */
  people: number
  /** Length of the history that some rows fill a database with. */
  messages: number
  add(row: RowId, value: number, line?: number): void
  note(name: string, text: string): void
}

/** The same with the running product that some rows share. */
export type Bench = Common & {
  url: string
  key: string
  databaseUrl: string
  signingKey: Record<string, string>
  crowd: Crowd
  /** The same schema and the same people in a PostgreSQL of its own, with nothing around it. */
  bare: { databaseUrl: string; crowd: Crowd }
}

export function createResults() {
  const measured: Measured = {}
  const notes = new Map<string, string>()
  return {
    measured,
    notes,
    add(row: RowId, value: number, line?: number) {
      const samples = measured[row] ?? []
      measured[row] = samples
      samples.push({ value, line })
    },
    note: (name: string, text: string) => void notes.set(name, text),
  }
}
