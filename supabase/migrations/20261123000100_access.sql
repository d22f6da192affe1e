-- Who may see what, as narrow tables that policies read with an inline `exists` (the fastest form that was measured).
-- Triggers on the membership tables keep them; nobody writes them by hand.

create type public.workspace_role as enum ('owner', 'admin', 'member', 'guest');
comment on type public.workspace_role is
  'owner: everything, also other owners. admin: channels, members and guests. member: public channels and invitations. guest: only the channels they were added to.';

create table private.workspace_access (
  user_id uuid not null,
  workspace_id uuid not null,
  role public.workspace_role not null,
  primary key (user_id, workspace_id)
);
comment on table private.workspace_access is
  'One row per person and workspace, with the role. Kept by triggers on workspace_members.';
create unique index workspace_access_workspace_id_user_id_idx on private.workspace_access (workspace_id, user_id);

create table private.channel_access (
  user_id uuid not null,
  channel_id uuid not null,
  workspace_id uuid not null,
  primary key (user_id, channel_id)
);
comment on table private.channel_access is
  'One row per person and channel whose messages the person may read. Kept by triggers on channel_members.';
-- Realtime forgets decisions by workspace and person, which a deleted row must therefore name.
alter table private.channel_access replica identity full;
create unique index channel_access_channel_id_user_id_idx on private.channel_access (channel_id, user_id);

-- Policies run with the caller's privileges. The schema is not exposed, so this opens nothing to the API.
grant select on private.workspace_access, private.channel_access to authenticated, service_role;

create function private.my_role(workspace_id uuid) returns public.workspace_role
language sql stable security definer set search_path = ''
as $$
  select a.role from private.workspace_access a
  where a.user_id = (select auth.uid()) and a.workspace_id = my_role.workspace_id
$$;
comment on function private.my_role is 'The caller''s role in a workspace; null when not in it.';

create function private.require_role(workspace_id uuid, variadic allowed public.workspace_role[])
returns public.workspace_role
language plpgsql stable set search_path = ''
as $$
declare
  role public.workspace_role := private.my_role(workspace_id);
begin
  if role is null then
    perform private.fail('workspace_not_found');
  elsif role <> all (allowed) then
    perform private.fail('not_allowed');
  end if;
  return role;
end
$$;
comment on function private.require_role is
  'The caller''s role in a workspace, which must be one of those named. Errors: workspace_not_found, not_allowed.';
