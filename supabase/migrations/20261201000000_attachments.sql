-- Files that people send. A row is made before its bytes are uploaded (to the bucket `attachments`, under `path`); sending a
-- message takes rows whose bytes are there (20261201000100), and messages.attachments carries what a timeline draws of them.

do $$
declare
  definition text := pg_get_functiondef('private.refusal'::regproc);
  last_line text := E'\n  ) as catalogue (code, status, message, hint)';
begin
  if position(last_line in definition) = 0 then
    raise 'private.refusal is not what it was';
  end if;
  execute replace(definition, last_line, $refusals$,
    ('attachment_empty', 'PT422', 'This file is empty.', 'Choose a file with something in it.'),
    ('attachment_too_large', 'PT413', 'A file can have 1 GB at most.', 'Compress it, or share it as a link.'),
    ('attachment_not_found', 'PT404', 'There is no such file, or it is not yours to send here.', 'Attach the file again.'),
    ('attachment_not_uploaded', 'PT409', 'This file has not been uploaded completely.', 'Upload it again, then send the message.'),
    ('too_many_attachments', 'PT422', 'A message can have 20 files at most, and 100 files can wait to be sent.', 'Send them in several messages.')$refusals$
    || last_line);
end
$$;

create table public.attachments (
  id uuid primary key,
  channel_id uuid not null references public.channels on delete cascade,
  user_id uuid default private.person_id() references public.profiles on delete set null,
  -- Checked at the end: the trigger that places a message takes its files before the row is there.
  message_id uuid references public.messages on delete cascade deferrable initially deferred,
  name text not null,
  type text not null,
  size bigint not null check (size > 0),
  width int check (width > 0),
  height int check (height > 0),
  duration real check (duration >= 0),
  waveform smallint[] check (cardinality(waveform) <= 100),
  alt text,
  kind text not null generated always as (
    case
      when waveform is not null then 'voice'
      when type ~ '^(image|video|audio)/' then split_part(type, '/', 1)
      when type = 'application/pdf' then 'pdf'
      when type ~ '^text/' then 'text'
      else 'other'
    end
  ) stored,
  path text not null unique generated always as (channel_id::text || '/' || id::text) stored,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  check ((message_id is null) = (sent_at is null)),
  check ((width is null) = (height is null))
);
comment on table public.attachments is
  'Files of messages, and files that wait to be sent. Insert one before uploading its bytes to the bucket attachments under `path`; sending a message with its id takes it. A row that goes away takes the object in storage with it.';
comment on column public.attachments.id is 'Made by the client, UUIDv7.';
comment on column public.attachments.user_id is 'Who uploaded it; null when the account was deleted.';
comment on column public.attachments.message_id is 'The message it was sent with; null while it waits. A waiting file is its uploader''s alone and goes after a day.';
comment on column public.attachments.name is 'As the person knows it, one line, at most 255 characters. Never part of a path.';
comment on column public.attachments.type is 'Media type: as declared, and as stored once it is sent.';
comment on column public.attachments.size is 'Bytes: as declared, and as stored once it is sent.';
comment on column public.attachments.width is 'Pixels, as it is shown; null for what has no picture.';
comment on column public.attachments.duration is 'Seconds of sound or film.';
comment on column public.attachments.waveform is 'Loudness of a voice message over time, up to 100 values from 0 to 100.';
comment on column public.attachments.alt is 'What a picture shows, in words, at most 1,000 characters.';
comment on column public.attachments.kind is 'image, video, audio, voice, pdf, text or other: what lists are filtered by.';
comment on column public.attachments.path is 'Name of the object in the bucket attachments.';
comment on column public.attachments.sent_at is 'When it was sent, in the order of a message''s files; null while it waits.';

create index attachments_channel_id_sent_at_idx on public.attachments (channel_id, sent_at desc);
create index attachments_message_id_idx on public.attachments (message_id);
create index attachments_user_id_idx on public.attachments (user_id);
create index attachments_created_at_idx on public.attachments (created_at) where message_id is null;

grant select, delete on public.attachments to authenticated;
grant insert (id, channel_id, name, type, size, width, height, duration, waveform, alt), update (alt)
  on public.attachments to authenticated;

alter table public.attachments enable row level security;

-- Whose channel one may read, its messages one may read: in a public channel also before joining it.
create policy select_by_reader on public.attachments for select to authenticated
using (case
  when message_id is null then user_id = (select private.person_id()) and exists (
    select 1 from private.channel_access a
    where a.channel_id = attachments.channel_id and a.user_id = (select private.person_id()))
  else exists (select 1 from public.channels c where c.id = attachments.channel_id)
end);

create policy insert_by_member on public.attachments for insert to authenticated
with check (user_id = (select private.person_id()) and message_id is null and exists (
  select 1 from private.channel_access a
  where a.channel_id = attachments.channel_id and a.user_id = (select private.person_id())
));

create policy update_by_author on public.attachments for update to authenticated
using (user_id = (select private.person_id()) and exists (
  select 1 from private.channel_access a
  where a.channel_id = attachments.channel_id and a.user_id = (select private.person_id())
))
with check (user_id = (select private.person_id()));

create policy delete_by_author on public.attachments for delete to authenticated
using (message_id is null and user_id = (select private.person_id()));
comment on policy delete_by_author on public.attachments is 'What was sent goes with its message.';

-- Functions -----------------------------------------------------------------------------------------------------------

create function private.attachment_json(attachment public.attachments) returns jsonb
language sql immutable set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'id', attachment.id, 'name', attachment.name, 'type', attachment.type, 'size', attachment.size,
    'width', attachment.width, 'height', attachment.height, 'duration', attachment.duration,
    'waveform', attachment.waveform, 'alt', attachment.alt))
$$;
comment on function private.attachment_json is
  'What a timeline draws of a file: an element of messages.attachments {id, name, type, size, width?, height?, duration?, waveform?, alt?}.';

create function private.place_attachment() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  me uuid := private.caller_id();
begin
  new.name := private.clean_text(regexp_replace(new.name, '^.*[/\\]', ''), 255);
  if new.name is null or not private.is_visible(new.name) then
    perform private.fail('name_blank');
  end if;
  new.type := lower(split_part(coalesce(new.type, ''), ';', 1));
  if new.type !~ '^[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}$' then
    new.type := 'application/octet-stream';
  end if;
  new.alt := nullif(private.clean_text(new.alt, 1000), '');
  if coalesce(new.size, 0) < 1 then
    perform private.fail('attachment_empty');
  elsif new.size > 1073741824 then
    perform private.fail('attachment_too_large');
  end if;

  if me is not null then
    if not private.is_in_channel(new.channel_id) then
      perform private.refuse_sender(new.channel_id);
    end if;
    perform private.check_open(new.channel_id);
    -- One after the other, or a hundred at one moment would each find room.
    perform pg_advisory_xact_lock(hashtextextended('attachments', 0) # uuid_hash_extended(me, 0));
    if (select count(*) from public.attachments a where a.user_id = me and a.message_id is null) >= 100 then
      perform private.fail('too_many_attachments');
    end if;
    new.created_at := clock_timestamp();
  end if;
  return new;
end
$$;
comment on function private.place_attachment is
  'Trigger: cleans and checks a file that is about to be uploaded. Errors: name_blank, text_too_long, attachment_empty, attachment_too_large, too_many_attachments, channel_not_found, not_a_member, channel_archived.';

create function private.describe_attachment() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.alt := nullif(private.clean_text(new.alt, 1000), '');
  return new;
end
$$;
comment on function private.describe_attachment is 'Trigger: cleans a description. Error: text_too_long.';

create function private.show_description() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.messages m set attachments = (
    select jsonb_agg(private.attachment_json(a) order by a.sent_at)
    from public.attachments a where a.message_id = m.id
  )
  where m.id = new.message_id and m.deleted_at is null;
  if private.person_id() is not null then
    perform private.check_open(new.channel_id);
  end if;
  return null;
end
$$;
comment on function private.show_description is
  'Trigger: messages.attachments follows a changed description, which takes a rev. Errors: channel_archived, not_a_member.';

create function private.remove_objects() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Supabase asks for this where objects are deleted by SQL, because their bytes then stay behind: the product deletes through
  -- the storage API first. Whoever does not, has taken away the object and every address of it with this transaction all the same.
  perform set_config('storage.allow_delete_query', 'true', true);
  delete from storage.objects o using gone where o.bucket_id = 'attachments' and o.name = gone.path;
  perform set_config('storage.allow_delete_query', 'false', true);
  return null;
end
$$;
comment on function private.remove_objects is
  'Trigger: a file that is gone leaves no object in storage, and so no address that still works.';

create function private.remove_stale_attachments() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.attachments a where a.id in (
    select left_over.id from public.attachments left_over
    where left_over.message_id is null and left_over.created_at < now() - interval '1 day'
    order by left_over.created_at limit 20 for update skip locked);
  return null;
end
$$;
comment on function private.remove_stale_attachments is
  'Trigger: every new file clears away up to 20 that anybody left unsent for a day.';

create trigger attachments_place before insert on public.attachments
  for each row execute function private.place_attachment();
create trigger attachments_describe before update of alt on public.attachments
  for each row execute function private.describe_attachment();
create trigger attachments_show after update of alt on public.attachments
  for each row when (old.message_id is not null and new.alt is distinct from old.alt)
  execute function private.show_description();
create trigger attachments_remove_objects after delete on public.attachments
  referencing old table as gone
  for each statement execute function private.remove_objects();
create trigger attachments_remove_stale after insert on public.attachments
  for each statement execute function private.remove_stale_attachments();
