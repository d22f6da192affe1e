/**
 * The brute-force answer, in the database itself: triggers write down every change of a published table, and a function
 * says who may read each changed row, by reading it as each person. Nothing of this is used by the realtime service.
 */
export const TRUTH_SQL = `
create schema oracle;

create table oracle.changes (
  n bigint generated always as identity primary key,
  shard int not null, name text not null, op text not null, old jsonb, new jsonb
);
create index on oracle.changes (shard, n);

create function oracle.note() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into oracle.changes (shard, name, op, old, new) values (
    coalesce(nullif(current_setting('oracle.shard', true), ''), '-1')::int, tg_table_name, tg_op,
    case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end);
  return null;
end
$$;

do $$
declare
  item record;
begin
  for item in select tablename from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public' loop
    execute format('create trigger aaa_oracle after insert or update or delete on public.%I for each row execute function oracle.note()', item.tablename);
  end loop;
end
$$;

-- Primary keys, and whether all that the policy looks at is in them: of a deleted row no more is known than its key.
create table oracle.tables (name text primary key, key text[] not null, deletes_by_policy boolean not null);
insert into oracle.tables values
  ('profiles', '{id}', true), ('workspaces', '{id}', true), ('workspace_members', '{workspace_id,user_id}', true),
  ('channels', '{id}', false), ('channel_members', '{channel_id,user_id}', true), ('messages', '{id}', false),
  ('read_states', '{user_id,channel_id}', true), ('drafts', '{id}', false);

-- Whether the sign-in behind a token still stands: its socket is open exactly as long.
create function oracle.stands(claims jsonb) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from auth.users u where u.id = (claims ->> 'sub')::uuid and u.deleted_at is null
      and (u.banned_until is null or u.banned_until <= now()))
    and (claims ->> 'session_id' is null
      or exists (select from auth.sessions s where s.id = (claims ->> 'session_id')::uuid))
$$;

create function oracle.reads(relation text, key_condition text, claims text[]) returns text
language plpgsql set search_path = ''
as $$
declare
  letters text := '';
  found boolean;
begin
  for i in 1 .. cardinality(claims) loop
    perform set_config('request.jwt.claims', claims[i], true), set_config('role', 'authenticated', true);
    execute format('select exists (select from public.%I where %s)', relation, key_condition) into found;
    perform set_config('role', 'none', true);
    letters := letters || case when found then 't' else 'f' end;
  end loop;
  return letters;
end
$$;

create function oracle.truth(of_shard int, after bigint, claims text[])
returns table (n bigint, name text, op text, old jsonb, new jsonb, sees text)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  change oracle.changes;
  known oracle.tables;
  data jsonb;
  key_condition text;
  present boolean;
  letters text;
  standing boolean[] := array(select oracle.stands(c::jsonb) from unnest(claims) with ordinality as t (c, o) order by o);
begin
  for change in select c.* from oracle.changes c where c.shard = of_shard and c.n > after order by c.n loop
    select t.* into strict known from oracle.tables t where t.name = change.name;
    data := coalesce(change.new, change.old);
    if change.op = 'DELETE' and not known.deletes_by_policy then
      letters := (select string_agg(case when s then 't' else 'f' end, '' order by o) from unnest(standing) with ordinality as t (s, o));
    else
      key_condition := (select string_agg(format('%I = %L', k, data ->> k), ' and ') from unnest(known.key) as k);
      execute format('select exists (select from public.%I where %s)', change.name, key_condition) into present;
      if present then
        letters := oracle.reads(change.name, key_condition, claims);
      else
        -- The row as it was is put back for as long as the question takes.
        begin
          perform set_config('session_replication_role', 'replica', true);
          execute format('insert into public.%I select * from jsonb_populate_record(null::public.%I, $1)', change.name, change.name) using data;
          letters := oracle.reads(change.name, key_condition, claims);
          raise exception using errcode = 'OR000';
        exception when sqlstate 'OR000' then null;
        end;
      end if;
      -- Whoever the key of a deleted row names hears of it: a removed member of the removal.
      if change.op = 'DELETE' then
        letters := (
          select string_agg(case when substr(letters, o::int, 1) = 't' or (standing[o] and exists (
            select from unnest(known.key) as k where data ->> k = c::jsonb ->> 'sub')) then 't' else 'f' end, '' order by o)
          from unnest(claims) with ordinality as t (c, o));
      end if;
    end if;
    return query select change.n, change.name, change.op, change.old, change.new, letters;
  end loop;
end
$$;
`
