-- Signing in through a company's identity provider: who sets it up, who is sent there, and what it opens.

create function private.may_manage_sso(workspace_id uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select may_manage_sso.workspace_id = private.first_workspace_id() and coalesce(private.my_role(may_manage_sso.workspace_id) = 'owner', false)
$$;
comment on function private.may_manage_sso is 'Body of public.may_manage_sso.';

create function public.may_manage_sso(workspace_id uuid) returns boolean
language sql stable security invoker set search_path = ''
as $$ select private.may_manage_sso(may_manage_sso.workspace_id) $$;
comment on function public.may_manage_sso is
  'Whether the caller may set up single sign-on here: an owner of the installation''s first workspace, since a provider decides about accounts of the whole installation.';

create function private.sign_in_methods(email text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce((
    select jsonb_build_object(
      -- Owners keep their password also where single sign-on is asked for, so the form must stay in reach.
      'password', not exists (select from public.workspace_security r where r.workspace_id = c.workspace_id and r.require_sso),
      'sso', jsonb_build_object('kind', c.kind, 'provider', c.provider, 'name', c.name))
    from public.sso_connections c
    where private.email_domain(btrim(sign_in_methods.email)) = any (c.domains)
  ), jsonb_build_object('password', true, 'sso', null))
$$;
comment on function private.sign_in_methods is 'Body of public.sign_in_methods.';

create function public.sign_in_methods(email text) returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.sign_in_methods(sign_in_methods.email) $$;
comment on function public.sign_in_methods is
  'How people with addresses of this domain sign in: {password: what to offer first, sso: {kind, provider, name} | null}. Looks at the domain only, never at whether there is such an account. For visitors too.';

create function private.join_by_sso() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  connection public.sso_connections;
  joined boolean;
begin
  select c.* into connection from public.sso_connections c
  where new.provider = case c.kind when 'saml' then 'sso:' || c.provider else c.provider end
    -- A provider speaks for its own domains only, and an open one (anybody may have an account there) must have checked.
    and private.email_domain(new.identity_data ->> 'email') = any (c.domains)
    and (c.kind = 'saml' or new.identity_data ->> 'email_verified' = 'true');
  if connection.id is not null then
    insert into public.workspace_members (workspace_id, user_id, role)
    values (connection.workspace_id, new.user_id, connection.default_role)
    on conflict do nothing
    returning true into joined;
    if joined and connection.default_role <> 'guest' then
      perform private.join_default_channels(connection.workspace_id, new.user_id);
    end if;
  end if;
  return null;
exception when others then
  -- They can still be invited; the sign-in itself must not fail.
  raise warning 'joining % by % failed: %', new.user_id, new.provider, sqlerrm;
  return null;
end
$$;
comment on function private.join_by_sso is
  'Trigger: who comes through a connection for the first time becomes a member of its workspace. Somebody who was removed later does not come back by it.';

create trigger identities_join_by_sso after insert on auth.identities
  for each row execute function private.join_by_sso();

create function private.link_sso_members(connection_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  connection public.sso_connections;
  linked int;
begin
  select c.* into connection from public.sso_connections c
  where c.id = link_sso_members.connection_id and c.kind = 'saml' and private.may_manage_sso(c.workspace_id);
  if connection.id is null then
    perform private.fail('connection_not_found');
  end if;
  insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
  select lower(u.email), u.id, jsonb_build_object('sub', lower(u.email), 'email', lower(u.email)), 'sso:' || connection.provider, now(), now()
  from public.workspace_members m
  join auth.users u on u.id = m.user_id
  where m.workspace_id = connection.workspace_id and m.deactivated_at is null
    and u.email_confirmed_at is not null and u.deleted_at is null and not u.is_sso_user
    and private.email_domain(u.email) = any (connection.domains)
    and not exists (
      select from auth.identities i where i.user_id = u.id and i.provider = 'sso:' || connection.provider)
  order by u.id
  on conflict do nothing;
  get diagnostics linked = row_count;
  return jsonb_build_object('linked', linked);
end
$$;
comment on function private.link_sso_members is 'Body of public.link_sso_members.';

create function public.link_sso_members(connection_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.link_sso_members(link_sso_members.connection_id) $$;
comment on function public.link_sso_members is
  'Lets members with an account and a confirmed address in the domains of a SAML connection keep that account when they sign in through it; without, Auth makes them a second one. For identity providers that name people by their address (NameID format emailAddress). By an owner of the installation. Returns {linked: how many}. Error: connection_not_found.';

grant execute on function
  public.may_manage_sso, private.may_manage_sso, public.link_sso_members, private.link_sso_members
to authenticated, service_role;
grant execute on function public.sign_in_methods, private.sign_in_methods to anon, authenticated, service_role;
