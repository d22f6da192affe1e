-- What a client says of a file is drawn by everybody who reads the message, files go where their message goes, and nobody fills
-- the disk with pictures of themselves.

-- `not valid`: what was sent before stays as it is.
alter table public.attachments
  add constraint attachments_duration_finite check (duration <= 1000000) not valid,
  add constraint attachments_width_drawable check (width <= 1000000) not valid,
  add constraint attachments_height_drawable check (height <= 1000000) not valid,
  add constraint attachments_waveform_drawable check (
    waveform is null or coalesce(array_ndims(waveform) = 1 and 0 <= all (waveform) and 100 >= all (waveform), false)
  ) not valid;

-- Moving ----------------------------------------------------------------------------------------------------------------

create function private.move_attachments() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update storage.objects o set name = new.channel_id::text || '/' || a.id::text
  from public.attachments a
  where a.message_id = new.id and o.bucket_id = 'attachments' and o.name = a.path;
  update public.attachments a set channel_id = new.channel_id where a.message_id = new.id;
  return null;
end
$$;
comment on function private.move_attachments is
  'Trigger: a message that is moved to another channel takes its files along, so that who may read them is who may read it.';

create trigger messages_move_attachments after update of channel_id on public.messages
  for each row when (new.channel_id is distinct from old.channel_id)
  execute function private.move_attachments();

-- Pictures --------------------------------------------------------------------------------------------------------------

create function private.check_picture_room(bucket_id text, name text) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
declare
  folder text := (storage.foldername(check_picture_room.name))[1];
begin
  -- One is drawn, and those before it go when it is saved.
  if private.owns_picture(check_picture_room.bucket_id, check_picture_room.name) and (
    select count(*) from storage.objects o
    where o.bucket_id = check_picture_room.bucket_id and o.name collate "C" ^@ (folder || '/')
  ) >= 20 then
    raise 'Only 20 pictures can be kept here. Remove some, then upload this one again.';
  end if;
  return true;
end
$$;
comment on function private.check_picture_room is
  'True while the folder of a picture has room for another. Error P0001: there are 20 in it.';
grant execute on function private.check_picture_room to authenticated, service_role;

alter policy insert_by_author on storage.objects
with check (case bucket_id
  when 'attachments' then exists (
    select 1 from public.attachments a
    where a.path = objects.name and a.user_id = (select private.person_id()) and a.message_id is null)
  else private.owns_picture(bucket_id, name) and private.check_picture_room(bucket_id, name)
end);
