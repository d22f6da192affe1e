import type { Binding, Listener } from './listener'
import type { Json } from './socket'

/** A change as the triggers wrote it down. */
export type Change = { n: string; name: string; op: 'INSERT' | 'UPDATE' | 'DELETE'; old: Json; new: Json }

const KEYS: Record<string, string[]> = {
  ...{ profiles: ['id'], workspaces: ['id'], channels: ['id'], messages: ['id'], drafts: ['id'] },
  workspace_members: ['workspace_id', 'user_id'],
  channel_members: ['channel_id', 'user_id'],
  read_states: ['user_id', 'channel_id'],
}

/** Values longer than this may be stored apart: an update that leaves them alone shows them as they are when it arrives. */
const STORED_APART = 1_500

/** Whether everybody hears of it who listens: a deletion whose key says nothing of who could see the row. The key is all they hear. */
export function isTold({ name, op }: Change): boolean {
  return op === 'DELETE' && ['messages', 'channels', 'drafts'].includes(name)
}

/** What a listener has to be sent for a change that they may see: a line for each binding it meets. */
export function linesOf(listener: Listener, change: Change): string[] {
  return listener.channels.flatMap(({ topic, bindings }) =>
    bindings
      .filter((binding) => meets(binding, change))
      .map((binding) => `${topic} ${binding.id} ${payloadOf(change, binding.select)}`),
  )
}

function meets({ event, table, test }: Binding, change: Change): boolean {
  if (event !== '*' && event !== change.op) return false
  if (table !== '*' && table !== change.name) return false
  if (!test) return true
  // Of a deleted row there is the key alone.
  if (change.op === 'DELETE' && !KEYS[change.name]?.includes(test.column)) return false
  return test.passes((change.new ?? change.old)[test.column])
}

function payloadOf(change: Change, select: string[] | undefined): string {
  const key = KEYS[change.name] ?? []
  const columns = select ? [...key, ...select] : null
  const parts = { table: change.name, type: change.op, errors: null }
  return canonical({
    ...parts,
    ...(change.new ? { record: shortened(pick(change.new, columns)) } : {}),
    ...(change.op === 'INSERT'
      ? {}
      : { old_record: pick(change.op === 'UPDATE' ? change.new : change.old, key) }),
  })
}

/** The lines of what arrived. */
export function linesOfArrived(arrived: { topic: string; ids: number[]; data: Json }[]): string[] {
  return arrived.flatMap(({ topic, ids, data }) => {
    const { table, type, errors, record, old_record } = data
    const payload = canonical({
      table,
      type,
      errors,
      ...(record ? { record: shortened(record) } : {}),
      ...(old_record ? { old_record } : {}),
    })
    return ids.map((id) => `${topic} ${id} ${payload}`)
  })
}

function pick(row: Json, columns: string[] | null): Json {
  return columns ? Object.fromEntries(columns.map((name) => [name, row[name]])) : row
}

function shortened(row: Json): Json {
  return typeof row.body === 'string' && row.body.length > STORED_APART
    ? { ...row, body: row.body.length }
    : row
}

/** JSON whose text is equal where the values are. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_, each) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}

/**
 * How what arrived differs from what had to: `always` once each, `perhaps` (rights changed between the commit and the
 * end of the burst) at most once each, and nothing else.
 */
export function differences(arrived: string[], always: string[], perhaps: string[]): string[] {
  const left = [...arrived]
  const take = (line: string) => {
    const i = left.indexOf(line)
    if (i >= 0) left.splice(i, 1)
    return i >= 0
  }
  const missing = always.filter((line) => !take(line))
  for (const line of perhaps) take(line)
  return [...missing.map((line) => `missing: ${line}`), ...left.map((line) => `not allowed: ${line}`)]
}
