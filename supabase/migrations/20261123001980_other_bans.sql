-- A ban that an administrator of the server imposed outlasts a deactivation, which is a ban too.

create table private.other_bans (
  user_id uuid primary key references auth.users on delete cascade,
  banned_until timestamptz not null
);
comment on table private.other_bans is
  'Until when people were banned by somebody else when their deactivation everywhere took the place of that ban.';

create or replace function private.follow_deactivation() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  person uuid := case when tg_op = 'DELETE' then old.user_id else new.user_id end;
begin
  if private.is_deactivated(person) then
    insert into private.other_bans (user_id, banned_until)
    select u.id, u.banned_until from auth.users u
    where u.id = person and u.banned_until > now() and u.banned_until <> private.forever()
    on conflict (user_id) do update set banned_until = excluded.banned_until;
    update auth.users u set banned_until = private.forever()
    where u.id = person and u.banned_until is distinct from private.forever();
  else
    update auth.users u
    set banned_until = (select b.banned_until from private.other_bans b where b.user_id = person)
    where u.id = person and u.banned_until = private.forever();
    delete from private.other_bans b where b.user_id = person;
  end if;
  return null;
end
$$;
comment on function private.follow_deactivation is
  'Trigger: who is deactivated in every workspace cannot sign in; as soon as one takes them back, or forgets them, they can, unless somebody else has banned them.';
