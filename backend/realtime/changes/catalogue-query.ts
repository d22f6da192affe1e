/**
 * Everything that deliveries need to know of the schema, as one JSON value: the published tables with columns, keys,
 * column privileges and SELECT policies; the policies of realtime.messages; the roles. `$1`: roles to know about.
 * For a connection whose search_path is `pg_catalog`: policy expressions then come with all other names qualified.
 */
export const CATALOGUE_QUERY = `
with recursive roles as (
  select oid, rolname::text as name, rolbypassrls or rolsuper as bypass, rolsuper as super
  from pg_catalog.pg_roles where rolname = any ($1::text[])
), base_types as (
  select oid, oid as base, typbasetype as next from pg_catalog.pg_type
  union all
  select b.oid, t.oid, t.typbasetype from base_types b join pg_catalog.pg_type t on t.oid = b.next where b.next <> 0
), published as (
  select c.oid, n.nspname, c.relname, c.relrowsecurity, c.relowner, c.relacl
  from pg_catalog.pg_publication_tables p
  join pg_catalog.pg_namespace n on n.nspname = p.schemaname
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
  where p.pubname = 'supabase_realtime'
), wanted as (
  select oid from published union select 'realtime.messages'::pg_catalog.regclass::oid
), policies as (
  select pol.polrelid, pg_catalog.json_build_object(
    'name', pol.polname,
    'permissive', pol.polpermissive,
    'using', pg_catalog.pg_get_expr(pol.polqual, pol.polrelid),
    'comment', pg_catalog.obj_description(pol.oid, 'pg_policy'),
    'roles', (
      select coalesce(pg_catalog.json_agg(r.name), '[]') from roles r
      where exists (
        select from pg_catalog.unnest(pol.polroles) as granted (oid)
        where case when granted.oid = 0 then true else pg_catalog.pg_has_role(r.oid, granted.oid, 'usage') end
      )
    ),
    'columns', (
      select coalesce(pg_catalog.json_agg(distinct a.attname), '[]') from pg_catalog.pg_depend d
      join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = pol.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = pol.polrelid
    ),
    'tables', (
      select coalesce(pg_catalog.json_agg(distinct pg_catalog.jsonb_build_array(n.nspname, c.relname)), '[]')
      from pg_catalog.pg_depend d
      join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind in ('r', 'p', 'v', 'm')
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = pol.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> pol.polrelid
    ),
    'calls', (
      select coalesce(pg_catalog.json_agg(distinct pg_catalog.jsonb_build_array(
        pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(f.proname) || '()',
        pg_catalog.format_type(f.prorettype, null)
      )), '[]')
      from pg_catalog.pg_depend d
      join pg_catalog.pg_proc f on f.oid = d.refobjid and f.pronargs = 0 and f.provolatile <> 'i' and not f.proretset
      join pg_catalog.pg_namespace n on n.oid = f.pronamespace
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = pol.oid
        and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    ),
    -- What else might look at the caller: functions with arguments, operators, views, other policies, the row as a whole.
    'opaque', exists (
      select from pg_catalog.pg_depend d
      left join pg_catalog.pg_proc f
        on d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and f.oid = d.refobjid
      left join pg_catalog.pg_class c
        on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = d.refobjid and c.oid <> pol.polrelid
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = pol.oid and (
        (f.provolatile <> 'i' and (f.pronargs > 0 or f.proretset))
        or c.relkind not in ('r', 'p') or c.relrowsecurity
        or (d.refobjid = pol.polrelid and d.refobjsubid = 0 and d.deptype = 'n')
        or d.refclassid not in (
          'pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
          'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_collation'::pg_catalog.regclass)
      )
    )
  ) as policy
  from pg_catalog.pg_policy pol
  where pol.polrelid in (select oid from wanted)
    and (pol.polcmd in ('r', '*') or pol.polrelid = 'realtime.messages'::pg_catalog.regclass)
)
select pg_catalog.json_build_object(
  'snapshot', pg_catalog.pg_current_snapshot()::text,
  'bypass', (select coalesce(pg_catalog.json_agg(name) filter (where bypass), '[]') from roles),
  'topicPolicies', (
    select coalesce(pg_catalog.json_agg(policy), '[]') from policies
    where polrelid = 'realtime.messages'::pg_catalog.regclass
  ),
  'tables', (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'oid', c.oid::bigint,
      'schema', c.nspname,
      'name', c.relname,
      'rls', c.relrowsecurity,
      'policies', (select coalesce(pg_catalog.json_agg(policy), '[]') from policies where polrelid = c.oid),
      'key', (
        select coalesce(pg_catalog.json_agg(a.attname order by a.attnum), '[]')
        from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
        where i.indrelid = c.oid and i.indisprimary
      ),
      'columns', (
        select pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', a.attname,
          'type', t.typname,
          'sqlType', pg_catalog.format_type(a.atttypid, a.atttypmod),
          'typeOid', a.atttypid::bigint,
          'base', bt.oid::bigint,
          'textual', bt.typcategory = 'S',
          'element', case when bt.typcategory = 'A' then (
            select eb.base::bigint from base_types eb where eb.oid = bt.typelem and eb.next = 0
          ) else 0 end,
          'delimiter', coalesce(et.typdelim, ','),
          'readers', (
            -- From the rows themselves: privilege functions ask a cache that may be older than this snapshot.
            select coalesce(pg_catalog.json_agg(r.name), '[]') from roles r
            where r.super or exists (
              select from (
                select * from pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)))
                union all select * from pg_catalog.aclexplode(a.attacl)
              ) as granted
              where granted.privilege_type = 'SELECT'
                and (granted.grantee = 0 or pg_catalog.pg_has_role(r.oid, granted.grantee, 'usage'))
            )
          )
        ) order by a.attnum)
        from pg_catalog.pg_attribute a
        join pg_catalog.pg_type t on t.oid = a.atttypid
        join base_types b on b.oid = t.oid and b.next = 0
        join pg_catalog.pg_type bt on bt.oid = b.base
        left join pg_catalog.pg_type et on et.oid = bt.typelem
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      )
    )), '[]')
    from published c
  )
) as catalogue`
