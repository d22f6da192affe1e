import { expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld } from './realtime-client'

const world = realtimeWorld()

test.each([
  [
    'a column',
    'revoke select on public.ledger_a from authenticated; grant select (id) on public.ledger_a to authenticated',
    'ledger_a',
    true,
  ],
  ['the rows', 'drop policy everybody on public.ledger_b', 'ledger_b', false],
])(
  'a very large transaction that takes %s away at its end tells nothing of that by any of its parts',
  async (_, taken, table, told) => {
    await world.sql.unsafe(`
    create table public.${table} (id int primary key, secret text);
    alter table public.${table} enable row level security;
    grant select on public.${table} to authenticated;
    create policy everybody on public.${table} for select to authenticated using (true);
    alter publication supabase_realtime add table public.${table}`)
    const [rows, fences] = [collect(), collect()]
    const { supabase } = await world.person()
    await joined(
      supabase
        .channel('parts')
        .on('postgres_changes', { event: '*', schema: 'public', table }, rows.add)
        .on('postgres_changes', { event: '*', schema: 'public', table: 'news' }, fences.add),
    )
    await world.sql`delete from news`
    await world.sql.unsafe(`insert into public.${table} values (0, 'for all')`)
    await arrived(rows.seen, 1)
    expect(rows.seen[0].new).toEqual({ id: 0, secret: 'for all' })
    fences.seen.length = 0
    await world.sql.begin(async (sql) => {
      await sql.unsafe(`insert into public.${table} select n, 'for nobody' from generate_series(1, 2500) n`)
      await sql.unsafe(taken)
    })
    await world.sql`insert into news values (1, 'dealt with')`
    await arrived(fences.seen, 1)
    const later = rows.seen.slice(1).map((each) => each.new)
    expect(later.filter((row) => 'secret' in row).length).toBe(0)
    expect(later.length).toBe(told ? 2500 : 0)
  },
)
