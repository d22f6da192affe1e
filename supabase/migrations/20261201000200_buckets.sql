-- Where bytes lie, and who may read, write and remove them. Objects are written once and never changed: another picture has another name.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
  ('attachments', 'attachments', false, 1073741824, null),
  ('avatars', 'avatars', true, 5242880, array['image/png', 'image/jpeg', 'image/webp']),
  ('workspace-icons', 'workspace-icons', true, 5242880, array['image/png', 'image/jpeg', 'image/webp'])
on conflict (id) do update set
  public = excluded.public, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;

-- Attachments: who sees the row of public.attachments. Pictures of people and workspaces are public by their addresses, which
-- needs no policy; listing them is for whoever may change them. One policy a command, for all buckets.

create function private.owns_picture(bucket_id text, name text) returns boolean
language sql stable security definer set search_path = ''
as $$
  select case owns_picture.bucket_id
    when 'avatars' then (storage.foldername(owns_picture.name))[1] = (select private.person_id())::text
    when 'workspace-icons' then exists (
      select 1 from private.workspace_access a
      where a.workspace_id::text = (storage.foldername(owns_picture.name))[1]
        and a.user_id = (select private.person_id()) and a.role in ('owner', 'admin'))
    else false
  end
$$;
comment on function private.owns_picture is
  'Whether the caller may change what lies here: their own folder of avatars, the folder of a workspace they administrate.';
grant execute on function private.owns_picture to authenticated, service_role;

create policy select_by_reader on storage.objects for select to authenticated
using (case bucket_id
  when 'attachments' then exists (select 1 from public.attachments a where a.path = objects.name)
  else private.owns_picture(bucket_id, name)
end);

create policy insert_by_author on storage.objects for insert to authenticated
with check (case bucket_id
  when 'attachments' then exists (
    select 1 from public.attachments a
    where a.path = objects.name and a.user_id = (select private.person_id()) and a.message_id is null)
  else private.owns_picture(bucket_id, name)
end);

create policy delete_by_author on storage.objects for delete to authenticated
using (case bucket_id
  when 'attachments' then exists (
    select 1 from public.attachments a
    where a.path = objects.name and (a.user_id = (select private.person_id()) or exists (
      select 1 from public.channels c
      join private.workspace_access w on w.workspace_id = c.workspace_id
      where c.id = a.channel_id and c.kind <> 'direct'
        and w.user_id = (select private.person_id()) and w.role in ('owner', 'admin'))))
  else private.owns_picture(bucket_id, name)
end);
