-- Schema storage as a Supabase project has it. Runs as supabase_admin whenever this file changed; everything in here is
-- safe to run again.

set local role supabase_storage_admin;

do $$
begin
  if to_regtype('storage.buckettype') is null then
    create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
  end if;
end
$$;

create table if not exists storage.buckets (
  id text primary key,
  name text not null unique,
  owner uuid,
  owner_id text,
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
alter table storage.buckets add column if not exists type storage.buckettype not null default 'STANDARD';
comment on table storage.buckets is 'Folders of files with one set of limits each';

create table if not exists storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text references storage.buckets,
  name text,
  owner uuid,
  owner_id text,
  metadata jsonb,
  user_metadata jsonb,
  version text,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  unique (bucket_id, name)
);
comment on table storage.objects is 'Files; their bytes are on disk or on S3';
comment on column storage.objects.version is 'Name of the bytes. Copies of a file share them; the last row that goes takes them along';
-- Listing reads a prefix in the order of its bytes, whatever the collation of the database.
create index if not exists idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");
create index if not exists objects_version on storage.objects (version);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;

create or replace function storage.foldername(name text) returns text[]
language sql immutable set search_path = ''
as $$ select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1] $$;
comment on function storage.foldername is 'The folders of a path, outermost first: {a,b} of a/b/c.png';

create or replace function storage.filename(name text) returns text
language sql immutable set search_path = ''
as $$ select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)] $$;
comment on function storage.filename is 'The last part of a path: c.png of a/b/c.png';

create or replace function storage.extension(name text) returns text
language sql immutable set search_path = ''
as $$ select reverse(split_part(reverse(storage.filename(name)), '.', 1)) $$;
comment on function storage.extension is 'What follows the last dot of a path: png of a/b/c.png';

create or replace function storage.operation() returns text
language sql stable set search_path = ''
as $$ select nullif(current_setting('storage.operation', true), '') $$;
comment on function storage.operation is 'What a policy is asked about, as Supabase names it: storage.object.upload, storage.object.get_authenticated, …';

create or replace function storage.get_size_by_bucket() returns table (size bigint, bucket_id text)
language sql stable set search_path = ''
as $$ select sum((metadata ->> 'size')::bigint)::bigint, objects.bucket_id from storage.objects group by objects.bucket_id $$;
comment on function storage.get_size_by_bucket is 'Bytes per bucket, of the files that the caller may see';

create or replace function storage.search(
  prefix text, bucketname text, limits integer default 100, levels integer default 1, offsets integer default 0,
  search text default '', sortcolumn text default 'name', sortorder text default 'asc'
) returns table (
  name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb
)
language plpgsql stable set search_path = ''
as $$
declare
  direction text := case when lower(sortorder) = 'desc' then 'desc' else 'asc' end;
  -- The list is closed: it becomes part of a statement.
  sorting text := case when sortcolumn in ('name', 'updated_at', 'created_at', 'last_accessed_at') then sortcolumn else 'name' end;
begin
  -- A literal prefix can use the index; one that is a parameter of a stored plan cannot.
  return query execute format(
    $query$
    with found as (
      select path_tokens[%1$s] as entry, array_length(path_tokens, 1) = %1$s as is_file,
        o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata
      from storage.objects o
      where o.bucket_id = %2$L and o.name collate "C" ^@ %3$L
        and (%4$L = '' or starts_with(lower(substr(o.name, %5$s)), lower(%4$L)))
    ), entries as (
      select entry as name, null::uuid as id, null::timestamptz as updated_at, null::timestamptz as created_at,
        null::timestamptz as last_accessed_at, null::jsonb as metadata
      from found where not is_file group by entry
      union all
      select entry, id, updated_at, created_at, last_accessed_at, metadata from found where is_file
    )
    select * from entries
    order by id is not null, case when id is null then name end collate "C" %7$s, %6$I %7$s, name collate "C" %7$s
    limit %8$s offset %9$s
    $query$,
    levels, bucketname, coalesce(prefix, ''), coalesce(search, ''), length(coalesce(prefix, '')) + 1,
    sorting, direction, limits, offsets
  );
end
$$;
comment on function storage.search is
  'One level below a prefix, as the caller may see it: folders (without id) first, then files, with names below the prefix';

create or replace function storage.update_updated_at_column() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
create or replace trigger update_objects_updated_at before update on storage.objects
  for each row execute function storage.update_updated_at_column();

reset role;

-- Bytes that no row may need any more. Also those that are being written: a crash before their row is there leaves them here.
create table if not exists _backend.blob_removals (
  version text primary key,
  due_at timestamptz not null default now(),
  attempts integer not null default 0
);
create index if not exists blob_removals_due_at on _backend.blob_removals (due_at);
comment on table _backend.blob_removals is 'Bytes to remove from disk or S3, unless a row of storage.objects has their version';
grant usage on schema _backend to supabase_storage_admin;
grant select, insert, update, delete on _backend.blob_removals to supabase_storage_admin;

create or replace function _backend.queue_blob_removals() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'TRUNCATE' then
    insert into _backend.blob_removals (version)
    select distinct version from storage.objects where version is not null
    on conflict (version) do update set due_at = least(blob_removals.due_at, excluded.due_at);
  else
    insert into _backend.blob_removals (version)
    select distinct gone.version from gone where gone.version is not null
    on conflict (version) do update set due_at = least(blob_removals.due_at, excluded.due_at);
  end if;
  return null;
end
$$;
comment on function _backend.queue_blob_removals is 'Queues the bytes of rows that went or got others, however that happened';

create or replace trigger queue_removals_of_deleted after delete on storage.objects
  referencing old table as gone for each statement execute function _backend.queue_blob_removals();
create or replace trigger queue_removals_of_replaced after update on storage.objects
  referencing old table as gone for each statement execute function _backend.queue_blob_removals();
create or replace trigger queue_removals_of_all before truncate on storage.objects
  for each statement execute function _backend.queue_blob_removals();
