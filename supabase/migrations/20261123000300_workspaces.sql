-- A company or team: the outermost thing that people, channels and messages belong to.

create table public.workspaces (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) between 2 and 48),
  name text not null check (private.is_visible(name) and char_length(name) <= 80),
  icon text check (char_length(icon) <= 64),
  created_by uuid references public.profiles on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.workspaces is 'A company or team: the outermost thing that people, channels and messages belong to.';
comment on column public.workspaces.slug is 'Address: /w/<slug>. Unique in the installation.';
comment on column public.workspaces.icon is 'One emoji; null: the first letter of the name is drawn.';
create index workspaces_created_by_idx on public.workspaces (created_by);

grant select on public.workspaces to authenticated;
grant update (slug, name, icon) on public.workspaces to authenticated;

alter table public.workspaces enable row level security;

create policy select_by_member on public.workspaces for select to authenticated
using (exists (
  select 1 from private.workspace_access a
  where a.workspace_id = workspaces.id and a.user_id = (select auth.uid())
));
comment on policy select_by_member on public.workspaces is
  '@realtime scope=id depends=private.workspace_access(user_id,workspace_id)';

create policy update_by_admin on public.workspaces for update to authenticated
using (exists (
  select 1 from private.workspace_access a
  where a.workspace_id = workspaces.id and a.user_id = (select auth.uid()) and a.role in ('owner', 'admin')
))
with check (exists (
  select 1 from private.workspace_access a
  where a.workspace_id = workspaces.id and a.user_id = (select auth.uid()) and a.role in ('owner', 'admin')
));

create function private.is_reserved_slug(slug text) returns boolean
language sql immutable strict parallel safe set search_path = ''
as $$
  select slug in (
    'about', 'account', 'admin', 'api', 'app', 'assets', 'auth', 'billing', 'blog', 'browse', 'create-workspace',
    'docs', 'download', 'favicon', 'health', 'help', 'home', 'invite', 'join', 'legal', 'login', 'logout', 'mail',
    'metrics', 'new', 'next', 'null', 'preferences', 'pricing', 'privacy', 'public', 'realtime', 'rest', 'root',
    'search', 'security', 'settings', 'sign-in', 'sign-out', 'sign-up', 'static', 'status', 'storage', 'support',
    'system', 'terms', 'undefined', 'www'
  )
$$;
comment on function private.is_reserved_slug is 'Addresses that belong to the application, now or later.';

create function private.check_workspace() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.name := private.clean_name(new.name);
  new.icon := nullif(private.clean_text(new.icon, 64), '');
  new.slug := lower(btrim(new.slug));
  if tg_op = 'INSERT' or new.slug is distinct from old.slug then
    if new.slug !~ '^[a-z0-9]+(-[a-z0-9]+)*$' or char_length(new.slug) not between 2 and 48 then
      perform private.fail('workspace_slug_invalid');
    elsif private.is_reserved_slug(new.slug) then
      perform private.fail('workspace_slug_reserved');
    elsif exists (select from public.workspaces w where w.slug = new.slug) then
      perform private.fail('workspace_slug_taken');
    end if;
  end if;
  new.updated_at := now();
  return new;
end
$$;
comment on function private.check_workspace is
  'Trigger: cleans and checks. Errors: name_blank, name_too_long, text_too_long, workspace_slug_invalid, workspace_slug_reserved, workspace_slug_taken.';

create function private.free_slug(name text) returns text
language plpgsql set search_path = ''
as $$
declare
  stem text := coalesce(nullif(btrim(left(private.ascii_words(name, '-'), 40), '-'), ''), 'workspace');
  candidate text;
begin
  if char_length(stem) < 2 then
    stem := stem || '-team';
  end if;
  for attempt in 1..30 loop
    candidate := stem || case
      when attempt = 1 then ''
      when attempt <= 10 then '-' || attempt
      else '-' || (random() * 99999)::int
    end;
    if not private.is_reserved_slug(candidate)
      and not exists (select from public.workspaces w where w.slug = candidate) then
      return candidate;
    end if;
  end loop;
  return 'w-' || gen_random_uuid();
end
$$;
comment on function private.free_slug is 'An address like the name that no workspace has at the moment.';

create function private.create_workspace(name text, slug text, icon text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  me uuid := auth.uid();
  created public.workspaces;
begin
  if me is null then
    perform private.fail('not_allowed');
  end if;
  loop
    begin
      insert into public.workspaces (name, slug, icon, created_by)
      values (
        create_workspace.name,
        coalesce(create_workspace.slug, private.free_slug(private.clean_name(create_workspace.name))),
        create_workspace.icon,
        me
      )
      returning * into created;
      exit;
    exception when unique_violation or sqlstate 'PT409' then
      -- Taken, perhaps in this moment: a derived address is derived again, a chosen one is refused.
      if create_workspace.slug is not null then
        perform private.fail('workspace_slug_taken');
      end if;
    end;
  end loop;

  insert into public.workspace_members (workspace_id, user_id, role) values (created.id, me, 'owner');
  insert into public.channels (workspace_id, kind, name, purpose, created_by, default_at)
  values
    (created.id, 'public', 'general', 'Announcements and everything that concerns all of us.', me, now()),
    (created.id, 'public', 'random', 'Small talk, finds and everything else.', me, now());
  perform private.join_default_channels(created.id, me);
  return to_jsonb(created);
end
$$;
comment on function private.create_workspace is 'Body of public.create_workspace.';

create function public.create_workspace(name text, slug text default null, icon text default null) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.create_workspace(create_workspace.name, create_workspace.slug, create_workspace.icon) $$;
comment on function public.create_workspace is
  'Creates a workspace with the channels general and random; the caller becomes its owner. Without slug one is derived from the name. Returns the row of workspaces. Errors: name_blank, name_too_long, workspace_slug_invalid, workspace_slug_reserved, workspace_slug_taken.';

create trigger workspaces_check before insert or update on public.workspaces
  for each row execute function private.check_workspace();

grant execute on function public.create_workspace, private.create_workspace to authenticated, service_role;

alter publication supabase_realtime add table public.workspaces;
