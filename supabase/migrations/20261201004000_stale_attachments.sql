-- Files that nobody sent go when somebody uploads the next one, and by themselves: in an installation where nobody uploads any more
-- they would stay for ever.

create function private.clear_stale_attachments(most int default 500) returns void
language sql volatile security definer set search_path = ''
as $$
  delete from public.attachments a where a.id in (
    select left_over.id from public.attachments left_over
    where left_over.message_id is null and left_over.created_at < now() - interval '1 day'
    order by left_over.created_at limit clear_stale_attachments.most for update skip locked)
$$;
comment on function private.clear_stale_attachments is
  'Clears away up to so many files that anybody left unsent for a day. @scheduled';

create or replace function private.remove_stale_attachments() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.clear_stale_attachments(20);
  return null;
end
$$;
