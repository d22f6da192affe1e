-- People as others see them. A row is made for every account by a trigger on auth.users.

create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  display_name text not null check (private.is_visible(display_name) and char_length(display_name) <= 80),
  handle text not null unique check (handle ~ '^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$'),
  avatar_url text check (avatar_url ~ '^(https?://|/[^/])' and char_length(avatar_url) <= 2048),
  status_text text check (char_length(status_text) <= 100),
  status_emoji text check (char_length(status_emoji) <= 64),
  status_expires_at timestamptz,
  time_zone text not null default 'UTC' check (char_length(time_zone) <= 64),
  locale text not null default 'en' check (locale ~ '^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.profiles is 'People as others see them: one row per account, made on sign-up. Holds no address.';
comment on column public.profiles.handle is 'What a mention names: @handle. Lower case, unique in the installation.';
comment on column public.profiles.status_expires_at is 'From then on the status is not shown; clients compare, nothing is cleared.';
comment on column public.profiles.time_zone is 'Name in the IANA database, such as Europe/Vienna.';
comment on column public.profiles.locale is 'BCP 47 tag of the language of the person''s interface.';

grant select on public.profiles to authenticated;
grant update (display_name, handle, avatar_url, status_text, status_emoji, status_expires_at, time_zone, locale)
  on public.profiles to authenticated;

alter table public.profiles enable row level security;

create policy select_by_colleague on public.profiles for select to authenticated
using (
  id = (select auth.uid())
  or exists (
    select 1
    from private.workspace_access mine
    join private.workspace_access theirs on theirs.workspace_id = mine.workspace_id
    where mine.user_id = (select auth.uid()) and mine.role <> 'guest' and theirs.user_id = profiles.id
  )
  or exists (
    select 1
    from private.channel_access mine
    join private.channel_access theirs on theirs.channel_id = mine.channel_id
    where mine.user_id = (select auth.uid()) and theirs.user_id = profiles.id
  )
);
comment on policy select_by_colleague on public.profiles is
  'People who share a workspace see each other; a guest sees people only where they share a channel.
@realtime scope=id depends=private.workspace_access(user_id);private.workspace_access(*,user_id);private.channel_access(user_id);private.channel_access(*,user_id)';

create policy update_by_self on public.profiles for update to authenticated
using (id = (select auth.uid()))
with check (id = (select auth.uid()));

create function private.is_reserved_handle(handle text) returns boolean
language sql immutable strict parallel safe set search_path = ''
as $$ select handle in ('all', 'channel', 'everyone', 'group', 'here', 'me', 'you', 'someone', 'team', 'admin', 'admins', 'system', 'slackbot') $$;
comment on function private.is_reserved_handle is 'Words that mean groups or the system in a mention.';

create function private.free_handle(wanted text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  stem text := nullif(btrim(left(private.ascii_words(wanted, '.'), 28), '.'), '');
  candidate text;
begin
  stem := coalesce(stem, 'user');
  for attempt in 0..20 loop
    -- After a few readable numbers a random one: thousands may share a name.
    candidate := stem || case
      when attempt = 0 then ''
      when attempt <= 5 then (attempt + 1)::text
      else lpad((random() * 9999)::int::text, 4, '0')
    end;
    if not private.is_reserved_handle(candidate)
      and not exists (select from public.profiles p where p.handle = candidate) then
      return candidate;
    end if;
  end loop;
  return 'u' || left(replace(gen_random_uuid()::text, '-', ''), 31);
end
$$;
comment on function private.free_handle is 'A handle like the wanted text that nobody has at the moment.';

create function private.make_profile(account auth.users) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  wanted text := private.clean_line(coalesce(account.raw_user_meta_data ->> 'display_name', ''));
  local_part text := split_part(coalesce(account.email, ''), '@', 1);
begin
  if not private.is_visible(wanted) then
    wanted := private.clean_line(local_part);
  end if;
  if not private.is_visible(wanted) then
    wanted := 'New person';
  end if;
  wanted := btrim(left(wanted, 80));

  -- Two sign-ups may take the same handle at the same moment: try again, at last with one nobody can have.
  for attempt in 1..5 loop
    begin
      insert into public.profiles (id, display_name, handle)
      values (
        account.id, wanted,
        case when attempt < 5
          then private.free_handle(coalesce(nullif(private.ascii_words(wanted, '.'), ''), local_part))
          else 'u' || left(replace(account.id::text, '-', ''), 31)
        end
      )
      on conflict (id) do nothing;
      return;
    exception when unique_violation then
      continue;
    end;
  end loop;
end
$$;
comment on function private.make_profile is
  'Makes the profile of an account from its display name, else from the part of the e-mail address before the @.';

create function private.create_profile() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.make_profile(new);
  return new;
exception when others then
  -- A name that we cannot digest must not cost anybody the account.
  raise warning 'profile of % from its own data failed: %', new.id, sqlerrm;
  insert into public.profiles (id, display_name, handle)
  values (new.id, 'New person', 'u' || left(replace(new.id::text, '-', ''), 31))
  on conflict do nothing;
  return new;
end
$$;
comment on function private.create_profile is 'Trigger: every new account gets a profile.';

create function private.check_profile() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.display_name := private.clean_name(new.display_name);
  new.status_text := nullif(private.clean_text(new.status_text, 100), '');
  new.status_emoji := nullif(private.clean_text(new.status_emoji, 64), '');
  new.avatar_url := nullif(btrim(new.avatar_url), '');
  new.handle := lower(btrim(new.handle));
  new.updated_at := now();

  if new.avatar_url !~ '^(https?://|/[^/])' or char_length(new.avatar_url) > 2048 then
    perform private.fail('avatar_url_invalid');
  end if;
  if new.locale !~ '^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$' then
    perform private.fail('locale_invalid');
  end if;
  if new.handle is distinct from old.handle then
    if new.handle !~ '^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$' or private.is_reserved_handle(new.handle) then
      perform private.fail('handle_invalid');
    elsif exists (select from public.profiles p where p.handle = new.handle) then
      perform private.fail('handle_taken');
    end if;
  end if;
  if new.time_zone is distinct from old.time_zone then
    begin
      perform now() at time zone new.time_zone;
    exception when invalid_parameter_value then
      perform private.fail('time_zone_invalid');
    end;
  end if;
  return new;
end
$$;
comment on function private.check_profile is
  'Trigger: cleans and checks what a person changes. Errors: name_blank, name_too_long, text_too_long, handle_invalid, handle_taken, avatar_url_invalid, locale_invalid, time_zone_invalid.';

create trigger profiles_check before update on public.profiles
  for each row execute function private.check_profile();
create trigger users_create_profile after insert on auth.users
  for each row execute function private.create_profile();

-- Accounts that were there before this schema.
select private.make_profile(u) from auth.users u;

alter publication supabase_realtime add table public.profiles;
