-- When something about an account changed that decides how strong its sign-ins must be.

create table private.account_changes (
  user_id uuid primary key references auth.users on delete cascade,
  changed_at timestamptz not null default now()
);
comment on table private.account_changes is
  'One row per person of whom something changed that private.person_id looks at: a second factor, the address, a rule of a workspace. Policies name it in their @realtime comments, so that what realtime remembers of the person is forgotten with that commit.';

create function private.note_account_change(user_ids uuid[]) returns void
language sql security definer set search_path = ''
as $$
  insert into private.account_changes (user_id)
  select u.id from auth.users u where u.id = any (user_ids) order by u.id
  on conflict (user_id) do update set changed_at = now()
$$;
comment on function private.note_account_change is 'Makes realtime ask again what these people may see.';

create function private.follow_second_factor() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- A factor counts when it is verified; being challenged changes a row too and means nothing here.
  if (case when tg_op = 'INSERT' then null else old.status end)
    is distinct from (case when tg_op = 'DELETE' then null else new.status end) then
    perform private.note_account_change(array[case when tg_op = 'DELETE' then old.user_id else new.user_id end]);
  end if;
  return null;
end
$$;
comment on function private.follow_second_factor is
  'Trigger: a factor that is verified or removed changes which of the person''s tokens are strong enough.';

create function private.follow_address() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.note_account_change(array[new.id]);
  return null;
end
$$;
comment on function private.follow_address is 'Trigger: the domain of the address decides whether single sign-on is asked for.';

create trigger mfa_factors_follow after insert or update or delete on auth.mfa_factors
  for each row execute function private.follow_second_factor();
create trigger users_follow_address after update of email on auth.users
  for each row when (new.email is distinct from old.email)
  execute function private.follow_address();
