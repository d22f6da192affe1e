// The schemas public and private, and what hangs on others, as SQL to read: one place that shows what all migrations
// together made. Sorted, so that the same migrations give the same text. Not meant to be run.

/** @param {import('postgres').Sql} sql a connection that may read the catalogue */
export async function dumpSchema(sql) {
  const sections = []
  for (const { schema } of await sql`select unnest(array['public', 'private']) as schema`) {
    sections.push(`-- Schema ${schema} ${'-'.repeat(100 - schema.length)}`)
    sections.push(...(await types(sql, schema)))
    for (const table of await tables(sql, schema)) sections.push(await tableText(sql, table))
    sections.push(...(await functions(sql, schema)))
  }
  sections.push(`-- On other schemas ${'-'.repeat(92)}`)
  sections.push(...(await foreignObjects(sql)))
  return `-- Made by npm run types from supabase/migrations. For reading only.\n\n${sections.join('\n\n')}\n`
}

async function types(sql, schema) {
  const rows = await sql`
    select format('create type %s as enum (%s);', t.oid::regtype,
      string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)) as text,
      obj_description(t.oid, 'pg_type') as comment
    from pg_type t join pg_enum e on e.enumtypid = t.oid
    where t.typnamespace = ${schema}::regnamespace
    group by t.oid order by t.typname`
  return rows.map(({ text, comment }) => withComment(comment, text))
}

async function tables(sql, schema) {
  return await sql`
    select c.oid, format('%I.%I', ${schema}::text, c.relname) as name, c.relrowsecurity as secured,
      c.reloptions as options, obj_description(c.oid, 'pg_class') as comment,
      array(select pubname from pg_publication_tables p where p.schemaname = ${schema} and p.tablename = c.relname order by 1)
        as publications
    from pg_class c
    where c.relnamespace = ${schema}::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    order by c.relname`
}

async function tableText(sql, table) {
  const columns = await sql`
    select format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end,
      coalesce(case when a.attgenerated <> '' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
        else ' default ' || pg_get_expr(d.adbin, d.adrelid) end, '')) as text,
      col_description(a.attrelid, a.attnum) as comment
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = ${table.oid} and a.attnum > 0 and not a.attisdropped
    order by a.attnum`
  const constraints = await sql`
    select pg_get_constraintdef(oid) as text from pg_constraint
    where conrelid = ${table.oid} and contype <> 'n'
    order by position(contype::text in 'pufc'), conname`
  const indexes = await sql`
    select pg_get_indexdef(i.indexrelid) || ';' as text from pg_index i
    where i.indrelid = ${table.oid} and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u'))
    order by i.indexrelid::regclass::text`
  const lines = [
    ...columns.map(({ text, comment }, n) => {
      const comma = n + 1 < columns.length + constraints.length ? ',' : ''
      return `  ${text}${comma}${comment ? ` -- ${comment}` : ''}`
    }),
    ...constraints.map(({ text }, n) => `  ${text}${n + 1 < constraints.length ? ',' : ''}`),
  ]
  const options = table.options ? ` with (${table.options.join(', ')})` : ''
  const after = [
    ...indexes.map((row) => row.text),
    ...(table.publications ?? []).map((name) => `alter publication ${name} add table ${table.name};`),
    ...(await grants(sql, table)),
    ...(table.secured ? [`alter table ${table.name} enable row level security;`] : []),
    ...(await policies(sql, table.oid)),
    ...(await triggers(sql, table.oid)),
  ]
  return withComment(
    table.comment,
    [`create table ${table.name} (\n${lines.join('\n')}\n)${options};`, ...after].join('\n'),
  )
}

/** Privileges of the API roles, whole tables first, then single columns. */
async function grants(sql, table) {
  const rows = await sql`
    with given as (
      select null::name as attname, acl.privilege_type as privilege, acl.grantee::regrole::text as grantee
      from pg_class c, aclexplode(c.relacl) acl
      where c.oid = ${table.oid} and acl.grantee <> c.relowner and acl.grantee <> 0
      union all
      select a.attname, acl.privilege_type, acl.grantee::regrole::text
      from pg_attribute a, aclexplode(a.attacl) acl
      where a.attrelid = ${table.oid} and acl.grantee <> 0
    ),
    each as (
      select grantee, privilege, string_agg(quote_ident(attname), ', ' order by attname) as columns
      from given group by grantee, privilege
    )
    select format('grant %s on %s to %s;',
      string_agg(lower(privilege) || coalesce(' (' || columns || ')', ''), ', ' order by privilege), ${table.name}::text, grantee) as text
    from each where grantee in ('anon', 'authenticated', 'service_role')
    group by grantee order by grantee`
  return rows.map((row) => row.text)
}

async function policies(sql, oid) {
  const rows = await sql`
    select format('create policy %I on %s for %s to %s%s%s;', p.polname, p.polrelid::regclass,
      case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      (select string_agg(r::regrole::text, ', ') from unnest(p.polroles) r),
      E'\n  using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
      E'\n  with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') as text,
      obj_description(p.oid, 'pg_policy') as comment
    from pg_policy p where p.polrelid = ${oid}
    order by position(p.polcmd::text in 'rawd'), p.polname`
  return rows.map(({ text, comment }) => withComment(comment, text))
}

async function triggers(sql, oid) {
  const rows = await sql`
    select pg_get_triggerdef(t.oid) || ';' as text from pg_trigger t
    where t.tgrelid = ${oid} and not t.tgisinternal order by t.tgname`
  return rows.map((row) => row.text)
}

async function functions(sql, schema) {
  const rows = await sql`
    select rtrim(pg_get_functiondef(p.oid), E'\n') || ';' as text, obj_description(p.oid, 'pg_proc') as comment,
      array(select acl.grantee::regrole::text from aclexplode(p.proacl) acl
        where acl.grantee <> p.proowner and acl.grantee <> 0 order by 1) as callers,
      p.oid::regprocedure::text as name
    from pg_proc p where p.pronamespace = ${schema}::regnamespace
    order by p.proname, p.oid::regprocedure::text`
  return rows.map(({ text, comment, callers, name }) => {
    const grant = callers.length > 0 ? `\ngrant execute on function ${name} to ${callers.join(', ')};` : ''
    return withComment(comment, text + grant)
  })
}

/** Policies and triggers that these schemas put on tables of auth, storage and realtime. */
async function foreignObjects(sql) {
  const rows = await sql`
    select c.oid from pg_class c
    where c.relnamespace::regnamespace::text in ('auth', 'storage', 'realtime') and c.relkind in ('r', 'p') and not c.relispartition
      and (exists (select from pg_policy p where p.polrelid = c.oid)
        or exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
          where t.tgrelid = c.oid and p.pronamespace = 'private'::regnamespace))
    order by c.relnamespace::regnamespace::text, c.relname`
  const texts = []
  for (const { oid } of rows) texts.push(...(await policies(sql, oid)), ...(await triggers(sql, oid)))
  return texts
}

function withComment(comment, text) {
  return comment ? `-- ${comment.replace(/\n/g, '\n-- ')}\n${text}` : text
}
