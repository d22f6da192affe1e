/**
 * One query for everything that REST needs to know of the exposed schemas ($1), as one JSON document.
 *
 * Run with an empty `search_path`: `format_type` and `pg_get_expr` then qualify every name that is not PostgreSQL's own,
 * so that the texts can stand in statements of callers with any `search_path`.
 */
export const CATALOGUE_QUERY = `
with exposed as (
  select oid, nspname from pg_namespace where nspname = any($1::text[])
),
rels as (
  select c.oid, c.relname, c.relkind, n.nspname
  from pg_class c join exposed n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v', 'm', 'f', 'p') and not c.relispartition
),
relations as (
  select json_agg(json_build_object(
    'oid', r.oid::int8, 'schema', r.nspname, 'name', r.relname, 'kind', r.relkind,
    'comment', obj_description(r.oid, 'pg_class'),
    'definition', case when r.relkind in ('v', 'm') then (
      select w.ev_action::text from pg_rewrite w where w.ev_class = r.oid and w.rulename = '_RETURN'
    ) end,
    'columns', (
      select coalesce(json_agg(json_build_object(
        'name', a.attname,
        'number', a.attnum,
        'type', format_type(a.atttypid, a.atttypmod),
        'base', format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), null),
        'category', t.typcategory,
        'composite', t.typtype = 'c',
        'required', a.attnotnull and not a.atthasdef and a.attidentity = '',
        'default', case
          when a.attgenerated <> '' then null
          when a.attidentity <> '' then format('nextval(%L)', pg_get_serial_sequence(r.oid::regclass::text, a.attname))
          when a.atthasdef then (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = r.oid and d.adnum = a.attnum)
          when t.typdefault is not null then format('%L::%s', t.typdefault, format_type(a.atttypid, a.atttypmod))
        end
      ) order by a.attnum), '[]')
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    ),
    'keys', (
      select coalesce(json_agg(json_build_object(
        'primary', k.contype = 'p',
        'columns', (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u(num, place)
                    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num)
      ) order by k.contype, k.conname), '[]')
      from pg_constraint k where k.conrelid = r.oid and k.contype in ('p', 'u')
    )
  ) order by r.nspname, r.relname) as value
  from rels r
),
foreign_keys as (
  select json_agg(json_build_object(
    'name', k.conname, 'from', k.conrelid::int8, 'to', k.confrelid::int8,
    'columns', (
      select json_agg(json_build_array(a.attname, b.attname) order by u.place)
      from unnest(k.conkey, k.confkey) with ordinality u(num, ref, place)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num
      join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.ref
    )
  ) order by k.conname, k.oid) as value
  from pg_constraint k
  where k.contype = 'f' and k.conparentid = 0
),
routines as (
  select json_agg(json_build_object(
    'oid', p.oid::int8, 'schema', n.nspname, 'name', p.proname,
    'volatile', p.provolatile = 'v', 'set', p.proretset, 'variadic', p.provariadic <> 0, 'rows', p.prorows,
    'comment', obj_description(p.oid, 'pg_proc'),
    'returns', format_type(p.prorettype, null),
    'media', case when rt.typtype = 'd' and rt.typname like '%/%' then rt.typname end,
    'mediaBytes', bt.oid = 'bytea'::regtype,
    'kind', case
      when rt.oid = 'void'::regtype then 'void'
      when bt.typtype = 'c' or rt.oid = 'record'::regtype then 'composite'
      else 'scalar'
    end,
    'relation', nullif(bt.typrelid, 0)::int8,
    'outputs', case
      when p.proallargtypes is not null and p.proargmodes && array['o', 'b', 't']::"char"[] then (
        select json_agg(json_build_object('name', coalesce(nullif(o.name, ''), 'column' || o.place), 'type', format_type(o.type, null), 'category', ot.typcategory) order by o.place)
        from unnest(p.proallargtypes, p.proargmodes, p.proargnames) with ordinality o(type, mode, name, place)
        join pg_type ot on ot.oid = o.type
        where o.mode in ('o', 'b', 't')
      )
      when bt.typtype = 'c' then (
        select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'category', at.typcategory) order by a.attnum)
        from pg_attribute a join pg_type at on at.oid = a.atttypid
        where a.attrelid = bt.typrelid and a.attnum > 0 and not a.attisdropped
      )
    end,
    'args', (
      select coalesce(json_agg(json_build_object(
        'name', coalesce(i.name, ''), 'type', format_type(i.type, null), 'relation', nullif(it.typrelid, 0)::int8,
        'required', i.place <= p.pronargs - p.pronargdefaults,
        'variadic', i.mode = 'v'
      ) order by i.place), '[]')
      from (
        select x.type, coalesce(x.mode, 'i') as mode, x.name, row_number() over (order by x.place) as place
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes, p.proargnames)
          with ordinality x(type, mode, name, place)
        where coalesce(x.mode, 'i') in ('i', 'b', 'v')
      ) i join pg_type it on it.oid = i.type
    )
  ) order by n.nspname, p.proname, p.oid) as value
  from pg_proc p
  join exposed n on n.oid = p.pronamespace
  join pg_type rt on rt.oid = p.prorettype
  join pg_type bt on bt.oid = coalesce(nullif(rt.typbasetype, 0), rt.oid)
  where p.prokind = 'f' and rt.typname not in ('trigger', 'event_trigger', 'internal', 'language_handler', 'fdw_handler')
),
types as (
  select json_object_agg(name, text) as value from (
    select distinct on (t.typname) t.typname as name, format_type(t.oid, null) as text
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typtype in ('b', 'd', 'e', 'r', 'm') and t.typelem = 0
      and (n.nspname in ('pg_catalog', 'extensions') or n.oid in (select oid from exposed))
      and t.typname not like 'reg%' and has_type_privilege('public', t.oid, 'usage')
    order by t.typname, n.nspname = 'pg_catalog' desc
  ) t
),
handlers as (
  select json_agg(json_build_object(
    'type', lower(mt.typname), 'bytes', mt.typbasetype = 'bytea'::regtype, 'schema', n.nspname, 'name', p.proname,
    'relation', nullif(at.typrelid, 0)::int8
  ) order by n.nspname, p.proname) as value
  from pg_proc p
  join exposed n on n.oid = p.pronamespace
  join pg_type mt on mt.oid = p.prorettype
  join pg_type at on at.oid = p.proargtypes[0]
  where p.prokind = 'a' and p.pronargs = 1 and mt.typtype = 'd' and mt.typname like '%/%'
    and (at.typtype = 'c' or at.oid = 'anyelement'::regtype)
),
role_settings as (
  select json_agg(json_build_object('role', r.rolname, 'settings', (
    select coalesce(json_agg(c order by s.setdatabase), '[]')
    from unnest(s.setconfig) c
    join pg_settings p on p.name = split_part(c, '=', 1) and p.context = 'user'
  )) order by s.setdatabase) as value
  from pg_db_role_setting s join pg_roles r on r.oid = s.setrole
  where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
    and pg_has_role('authenticator', r.oid, 'member') and r.rolname <> 'authenticator'
)
select json_build_object(
  'relations', coalesce((select value from relations), '[]'),
  'foreignKeys', coalesce((select value from foreign_keys), '[]'),
  'routines', coalesce((select value from routines), '[]'),
  'handlers', coalesce((select value from handlers), '[]'),
  'types', coalesce((select value from types), '{}'),
  'roleSettings', coalesce((select value from role_settings), '[]')
) as catalogue`
