-- How many bytes of files one person may keep, where the operator sets a limit: npm run quota. Without one nothing is counted.

do $$
declare
  definition text := pg_get_functiondef('private.refusal'::regproc);
  last_line text := E'\n  ) as catalogue (code, status, message, hint)';
begin
  if position(last_line in definition) = 0 then
    raise 'private.refusal is not what it was';
  end if;
  execute replace(definition, last_line, $refusals$,
    ('attachments_full', 'PT413', 'With this file you would keep more than the server allows each person.', 'Delete messages with large files, or ask an administrator for more room.')$refusals$
    || last_line);
end
$$;

create table private.limits (
  name text primary key check (name in ('attachment_bytes_per_person')),
  value bigint not null check (value > 0)
);
comment on table private.limits is 'Limits that the operator of the installation sets; what is not here has none.';

create function private.set_attachment_quota(bytes bigint) returns bigint
language plpgsql set search_path = ''
as $$
begin
  if set_attachment_quota.bytes is null then
    delete from private.limits l where l.name = 'attachment_bytes_per_person';
  else
    insert into private.limits (name, value) values ('attachment_bytes_per_person', set_attachment_quota.bytes)
    on conflict (name) do update set value = excluded.value;
  end if;
  return set_attachment_quota.bytes;
end
$$;
comment on function private.set_attachment_quota is
  'Sets how many bytes of files each person may keep; null: as many as they like. For the owner of the database only. Who has more keeps it and adds nothing.';

create function private.check_attachment_room() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  me uuid := private.caller_id();
  room bigint := (select l.value from private.limits l where l.name = 'attachment_bytes_per_person');
begin
  -- Nobody adds a file in the same moment: attachments_place, which comes before, lets in one after the other.
  if room is null or me is null then
    return new;
  end if;
  -- Of what was sent the stored size is known; what waits may be larger than was said of it.
  if new.size + coalesce((
    select sum(greatest(a.size, case when a.message_id is null then (
      select (o.metadata ->> 'size')::bigint from storage.objects o
      where o.bucket_id = 'attachments' and o.name = a.path) end))
    from public.attachments a where a.user_id = me
  ), 0) > room then
    perform private.fail('attachments_full');
  end if;
  return new;
end
$$;
comment on function private.check_attachment_room is
  'Trigger: a person keeps no more bytes of files than the operator allows. Error: attachments_full.';

create trigger attachments_room before insert on public.attachments
  for each row execute function private.check_attachment_room();
