-- Single sign-on: which e-mail domains sign in at which identity provider. The provider itself (metadata, keys) is Auth's.

create table public.sso_connections (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces on delete cascade,
  kind text not null check (kind in ('saml', 'oidc')),
  name text not null check (private.is_visible(name) and char_length(name) <= 80),
  provider text not null unique check (char_length(provider) between 1 and 200),
  domains text[] not null check (cardinality(domains) between 1 and 50),
  default_role public.workspace_role not null default 'member' check (default_role <> 'owner'),
  created_at timestamptz not null default now()
);
comment on table public.sso_connections is
  'Which e-mail domains sign in at which identity provider, and as what people join who come that way. Belongs to the installation''s first workspace; written through /api/workspaces/[id]/sso with the secret key.';
comment on column public.sso_connections.provider is
  'saml: the id of Auth''s SSO provider. oidc: the identifier of Auth''s custom provider, which starts with custom:.';
comment on column public.sso_connections.domains is 'Lower case, each in one connection only.';
comment on column public.sso_connections.default_role is 'The role of people who come for the first time.';
create index sso_connections_workspace_id_idx on public.sso_connections (workspace_id);

grant select on public.sso_connections to authenticated;

alter table public.sso_connections enable row level security;

create policy select_by_owner on public.sso_connections for select to authenticated
using (exists (
  select 1 from private.workspace_access a
  where a.workspace_id = sso_connections.workspace_id and a.user_id = (select auth.uid()) and a.role = 'owner'
));

create function private.email_domain(email text) returns text
language sql immutable strict parallel safe set search_path = ''
as $$ select nullif(lower(substring(email from '@([^@]+)$')), '') $$;
comment on function private.email_domain is 'What stands after the last @ of an address, lower case; null without one.';

create function private.check_sso_connection() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.name := private.clean_name(new.name);
  new.domains := array(
    select distinct lower(btrim(given, E' @\t')) as domain from unnest(new.domains) as domains (given) order by domain);
  if exists (
    select from unnest(new.domains) as domains (domain)
    where domain !~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$'
  ) or cardinality(new.domains) = 0 then
    perform private.fail('domain_invalid');
  end if;
  -- Two connections that take the same domain at the same moment queue here.
  perform pg_advisory_xact_lock(hashtextextended('sso_connections', 0));
  if exists (select from public.sso_connections c where c.id <> new.id and c.domains && new.domains) then
    perform private.fail('domain_taken');
  end if;
  return new;
end
$$;
comment on function private.check_sso_connection is
  'Trigger: cleans and checks. Errors: name_blank, name_too_long, domain_invalid, domain_taken.';

create function private.follow_sso_connection() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.note_account_change(array(
    select u.id from auth.users u
    where private.email_domain(u.email) = any (
      (case when tg_op = 'INSERT' then '{}' else old.domains end)
      || (case when tg_op = 'DELETE' then '{}' else new.domains end))));
  return null;
end
$$;
comment on function private.follow_sso_connection is
  'Trigger: of whom single sign-on may be asked has changed.';

create trigger sso_connections_check before insert or update on public.sso_connections
  for each row execute function private.check_sso_connection();
create trigger sso_connections_follow after insert or update or delete on public.sso_connections
  for each row execute function private.follow_sso_connection();
