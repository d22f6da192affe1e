import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { makeCrowd, makeWorkspace } from '../../e2e/crowd'
import { connectDatabase } from '../../e2e/database'
import type { Bench } from '../bench'
import type { ReadResult } from '../jobs/reads'
import { runJob } from '../run-job'
import { acceptReads } from './pages'

const PEOPLE = 10_000
const CHANNELS = 300
const MEMBERS = 40
const MESSAGES_PER_CHANNEL = 20

const START = 'select public.bootstrap(workspace_slug => $1)::text'

/** What opening the app costs in a large company, and how much of it goes over the line. */
export async function bootstrap(bench: Bench) {
  const { key, url, seconds } = bench
  const secrets = { databaseUrl: bench.databaseUrl, signingKey: bench.signingKey } as never
  const [owner] = await makeCrowd({ secrets, url }, 1)
  if (!owner) throw new Error('nobody')
  const { workspaceId, slug } = await makeWorkspace({ secrets }, [owner], [])
  const sql = connectDatabase(bench.databaseUrl, { max: 1 })
  try {
    await writeOrganisation(sql, workspaceId, owner.userId)
  } finally {
    await sql.end()
  }
  const sizes = { line: 0, plain: 0 }
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const line = acceptReads(
      await runJob('sqlReads', {
        databaseUrl: bench.databaseUrl,
        connections: 1,
        text: START,
        readers: [{ userId: owner.userId, values: [[slug]] }],
        seconds,
      }),
    )
    const body = JSON.stringify({ workspace_slug: slug })
    const readers = [{ token: owner.token, requests: [{ path: '/rest/v1/rpc/bootstrap', body }] }]
    const rest: ReadResult = acceptReads(
      await runJob('restReads', { url, key, readers, seconds, encoding: 'gzip, br' }),
    )
    bench.add('bootstrap-p95', rest.p95, line.p95)
    bench.add('bootstrap-size', rest.bytes / 1024, line.bytes / 1024)
    sizes.line = line.bytes
    sizes.plain = rest.bytes
  }
  bench.note('start of the app', `${sizes.line} bytes, ${sizes.plain} over the line`)
}

/** A company of ten thousand, and a person in three hundred channels where something was said. */
async function writeOrganisation(sql: Sql, workspaceId: string, me: string) {
  const tag = randomUUID().slice(0, 8)
  await sql`
    insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
    select gen_random_uuid(), 'authenticated', 'authenticated', 'staff-' || n || '-' || ${tag} || '@example.test', now(),
      '{"provider": "email", "providers": ["email"]}',
      jsonb_build_object('display_name', (array['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Frances'])[1 + n % 6] || ' ' || initcap(md5(n::text))),
      now(), now()
    from generate_series(1, ${PEOPLE - 1}) n`
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    select ${workspaceId}, u.id, 'member' from auth.users u where u.email like 'staff-%-' || ${tag} || '@example.test'`
  await sql`
    insert into public.channels (id, workspace_id, kind, name, created_by)
    select gen_random_uuid(), ${workspaceId}, 'public', 'project-' || n || '-' || left(md5(n::text), 6), ${me}
    from generate_series(1, ${CHANNELS - 2}) n`
  await sql`
    insert into public.channel_members (channel_id, user_id, workspace_id)
    select c.id, ${me}::uuid, c.workspace_id from public.channels c where c.workspace_id = ${workspaceId}
    on conflict do nothing`
  await sql`
    insert into public.channel_members (channel_id, user_id, workspace_id)
    select c.id, m.user_id, c.workspace_id
    from (select *, row_number() over (order by id) as place from public.channels where workspace_id = ${workspaceId}) c
    join (
      select user_id, row_number() over (order by user_id) as place
      from public.workspace_members where workspace_id = ${workspaceId} and user_id <> ${me}
    ) m on (m.place + c.place * 31) % ${Math.floor(PEOPLE / MEMBERS)} = 0
    on conflict do nothing`
  await sql`
    insert into public.messages (id, channel_id, user_id, body)
    select gen_random_uuid(), c.id,
      (select m.user_id from public.channel_members m where m.channel_id = c.id and m.user_id <> ${me} limit 1),
      'Something that was said, number ' || n
    from public.channels c, generate_series(1, ${MESSAGES_PER_CHANNEL}) n where c.workspace_id = ${workspaceId}`
  await sql`analyze`
}
