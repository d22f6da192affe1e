import { transform } from 'esbuild'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentedExamples, type Example } from './documentation'
import { startWorld, type World } from './rest-client'

let world: World
let owner: Sql
beforeAll(async () => {
  world = await startWorld({
    migrationsDir: null,
    settings: { restExplain: true, restSchemas: ['public', 'myschema'] },
  })
  owner = world.server.database.connect('postgres', { max: 1 })
})
afterAll(async () => {
  await owner?.end()
  await world?.stop()
})

/** Examples whose printed answer no PostgREST of today gives. */
const DIFFERENT = new Map([
  ['PostgrestFilterBuilder is: Checking for nullness, true or false', 'prints null as "null"'],
  ['PostgrestQueryBuilder select: Switching schemas per query', 'an id that was made at random'],
  ['PostgrestQueryBuilder upsert: Upsert your data', '201; since PostgREST 12 it is 200 when nothing is new'],
  ['PostgrestTransformBuilder select: With `upsert()`', '201, as above'],
  ['PostgrestTransformBuilder order: Order parent table by a referenced table', 'prints another alias'],
  ['PostgrestTransformBuilder limit: On a referenced table', 'one of two rows without an order'],
  ['PostgrestTransformBuilder explain: Get the execution plan', 'costs of another database'],
  [
    'PostgrestTransformBuilder explain: Get the execution plan with analyze and verbose',
    'times of another machine',
  ],
])
/** Examples that cannot be run. */
const BROKEN = new Map([
  [
    'PostgrestQueryBuilder select: Querying referenced table with count',
    'its SQL fills a table that it does not make',
  ],
])

const examples = documentedExamples()
const runnable = examples.filter(({ name }) => !BROKEN.has(name))

test('the documentation has examples', () => {
  expect(examples.length).toBeGreaterThan(60)
})

test.each(runnable.map((example) => [example.name, example] as const))('%s', async (_name, example) => {
  await prepare(example.sql)
  const answer = await run(example)
  if (!DIFFERENT.has(example.name)) expect(answer).toMatchObject(example.response)
  else expect(answer).toMatchObject({ error: null })
})

test('every exception is one', () => {
  const names = examples.map(({ name }) => name)
  expect([...DIFFERENT.keys(), ...BROKEN.keys()].filter((name) => !names.includes(name))).toEqual([])
})

/** The tables of the example and nothing else; done when REST has noticed. */
async function prepare(sql: string) {
  await owner.unsafe(`do $$
    declare thing record;
    begin
      for thing in select c.oid::regclass as name, c.relkind from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') loop
        execute format('drop %s if exists %s cascade', case thing.relkind when 'v' then 'view' else 'table' end, thing.name);
      end loop;
      for thing in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'public'::regnamespace loop
        execute format('drop function %s', thing.name);
      end loop;
      for thing in select t.oid::regtype as name from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd') loop
        execute format('drop type %s', thing.name);
      end loop;
    end $$`)
  // Not the database's own 404: that comes while REST still knows everything that was.
  await expect.poll(async () => (await (await world.http('rpc/ready')).json()).code).toBe('PGRST202')
  await owner.unsafe(sql)
  // What the guide for further schemas says to do.
  if (/create schema myschema/.test(sql))
    await owner.unsafe(
      'grant usage on schema myschema to service_role; grant all on all tables in schema myschema to service_role',
    )
  await owner.unsafe('create function public.ready() returns int language sql as $$ select 1 $$')
  await expect.poll(async () => (await world.http('rpc/ready')).status).toBe(200)
}

async function run({ code }: Example): Promise<unknown> {
  // Some show a second way below the first.
  const [first = ''] = code.split(/\n\s*\n(?=(?:\/\/.*\n)*const \{)/)
  const js = (await transform(first, { loader: 'ts', target: 'es2022' })).code
  const answering = js.replace(/(?:const|let) (?:\{[^}]*\}|\w+) = await supabase/, 'return await supabase')
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (client: unknown) => Promise<unknown>
  return new AsyncFunction('supabase', answering)(world.admin)
}
