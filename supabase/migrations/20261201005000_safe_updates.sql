-- Supabase loads pg-safeupdate into every session of REST: an UPDATE or DELETE without WHERE is refused there, in functions as
-- well. Whatever means all rows says so. supabase/tests/safe-updates.test.ts looks at every function.

create or replace function private.after_restore() returns void
language sql security definer set search_path = ''
as $$
  update public.channel_heads h set last_rev = h.last_rev + 1000000, min_rev = h.last_rev + 1000000 where true;
$$;
