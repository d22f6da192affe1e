-- After a restore the database is older than what browsers have kept. A cursor that is ahead of it would skip the next
-- changes, and rows that are gone would stay on screens. So every channel's numbers jump ahead of every cursor that can
-- exist, and min_rev says to each of them that it is too old.

create function private.after_restore() returns void
language sql security definer set search_path = ''
as $$
  update public.channel_heads h set last_rev = h.last_rev + 1000000, min_rev = h.last_rev + 1000000;
$$;
comment on function private.after_restore is
  'Called by the server once after the database was restored from a backup: clients take a fresh page of every channel. A channel may have lost up to a million changes.';
