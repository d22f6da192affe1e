-- Who is in a workspace, and as what.

create table public.workspace_members (
  workspace_id uuid not null references public.workspaces on delete cascade,
  user_id uuid not null references public.profiles on delete cascade,
  role public.workspace_role not null default 'member',
  joined_at timestamptz not null default now(),
  primary key (workspace_id, user_id)
);
comment on table public.workspace_members is
  'Who is in a workspace, and as what. Written by functions only: create_workspace, accept_invitation, set_member_role, remove_workspace_member, leave_workspace.';
create index workspace_members_user_id_idx on public.workspace_members (user_id);
create index workspace_members_workspace_id_joined_at_idx on public.workspace_members (workspace_id, joined_at, user_id);

grant select on public.workspace_members to authenticated;

alter table public.workspace_members enable row level security;

create policy select_by_member on public.workspace_members for select to authenticated
using (
  user_id = (select auth.uid())
  or exists (
    select 1 from private.workspace_access a
    where a.workspace_id = workspace_members.workspace_id and a.user_id = (select auth.uid()) and a.role <> 'guest'
  )
  or exists (
    select 1
    from private.channel_access mine
    join private.channel_access theirs on theirs.channel_id = mine.channel_id
    where mine.user_id = (select auth.uid())
      and mine.workspace_id = workspace_members.workspace_id
      and theirs.user_id = workspace_members.user_id
  )
);
comment on policy select_by_member on public.workspace_members is
  'Members see everybody of the workspace; guests see themselves and people they share a channel with.
@realtime scope=workspace_id,user_id depends=private.workspace_access(user_id);private.channel_access(user_id);private.channel_access(*,workspace_id,user_id)';

create function private.keep_workspace_access() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    delete from private.workspace_access a where a.user_id = old.user_id and a.workspace_id = old.workspace_id;
  else
    insert into private.workspace_access (user_id, workspace_id, role)
    values (new.user_id, new.workspace_id, new.role)
    on conflict (user_id, workspace_id) do update set role = excluded.role;
  end if;
  return null;
end
$$;
comment on function private.keep_workspace_access is 'Trigger: private.workspace_access follows workspace_members.';

create function private.keep_an_owner() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if old.role = 'owner' and (tg_op = 'DELETE' or new.role <> 'owner') then
    -- Two owners may step down at the same moment: the workspace row makes them queue.
    perform from public.workspaces w where w.id = old.workspace_id for no key update;
    -- Nothing to protect when the workspace itself, or the person's account, is being deleted.
    if found
      and exists (select from public.profiles p where p.id = old.user_id)
      and not exists (
        select from public.workspace_members m
        where m.workspace_id = old.workspace_id and m.role = 'owner' and m.user_id <> old.user_id
      ) then
      perform private.fail('last_owner');
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function private.keep_an_owner is 'Trigger: a workspace keeps at least one owner. Error: last_owner.';

create trigger workspace_members_keep_owner before update or delete on public.workspace_members
  for each row execute function private.keep_an_owner();
create trigger workspace_members_access after insert or update or delete on public.workspace_members
  for each row execute function private.keep_workspace_access();

-- Functions -----------------------------------------------------------------------------------------------------------

create function private.member_to_manage(workspace_id uuid, user_id uuid) returns public.workspace_role
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  mine public.workspace_role := private.require_role(member_to_manage.workspace_id, 'owner', 'admin');
  theirs public.workspace_role;
begin
  select m.role into theirs from public.workspace_members m
  where m.workspace_id = member_to_manage.workspace_id and m.user_id = member_to_manage.user_id
  for update;
  if theirs is null then
    perform private.fail('person_not_found');
  elsif mine = 'admin' and theirs in ('owner', 'admin') then
    perform private.fail('not_allowed');
  end if;
  return mine;
end
$$;
comment on function private.member_to_manage is
  'Locks a membership that the caller may change (an owner any, an admin those of members and guests) and returns the caller''s role. Errors: workspace_not_found, not_allowed, person_not_found.';

create function private.set_member_role(workspace_id uuid, user_id uuid, role public.workspace_role) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  changed public.workspace_members;
begin
  if private.member_to_manage(set_member_role.workspace_id, set_member_role.user_id) <> 'owner'
    and set_member_role.role in ('owner', 'admin') then
    perform private.fail('not_allowed');
  end if;
  update public.workspace_members m set role = set_member_role.role
  where m.workspace_id = set_member_role.workspace_id and m.user_id = set_member_role.user_id
  returning * into changed;
  return to_jsonb(changed);
end
$$;
comment on function private.set_member_role is 'Body of public.set_member_role.';

create function public.set_member_role(workspace_id uuid, user_id uuid, role public.workspace_role) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.set_member_role(set_member_role.workspace_id, set_member_role.user_id, set_member_role.role) $$;
comment on function public.set_member_role is
  'Changes the role of a member. Owners may set any role; admins turn members into guests and back. Returns the row of workspace_members. Errors: workspace_not_found, not_allowed, person_not_found, last_owner.';

create function private.end_membership(workspace_id uuid, user_id uuid) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  channel uuid;
begin
  -- In the order of the channels, so that two people who go at the same moment do not lock each other out.
  for channel in
    select m.channel_id from public.channel_members m
    where m.workspace_id = end_membership.workspace_id and m.user_id = end_membership.user_id
    order by m.channel_id
  loop
    delete from public.channel_members m where m.channel_id = channel and m.user_id = end_membership.user_id;
  end loop;
  delete from public.workspace_members m
  where m.workspace_id = end_membership.workspace_id and m.user_id = end_membership.user_id;
end
$$;
comment on function private.end_membership is
  'Takes a person out of a workspace and all its channels, with their read states and drafts. Their messages stay. Error: last_owner.';

create function private.remove_workspace_member(workspace_id uuid, user_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.member_to_manage(workspace_id, user_id);
  perform private.end_membership(workspace_id, user_id);
  return jsonb_build_object('workspace_id', workspace_id, 'user_id', user_id);
end
$$;
comment on function private.remove_workspace_member is 'Body of public.remove_workspace_member.';

create function public.remove_workspace_member(workspace_id uuid, user_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.remove_workspace_member(remove_workspace_member.workspace_id, remove_workspace_member.user_id) $$;
comment on function public.remove_workspace_member is
  'Takes somebody out of the workspace and all its channels. Owners may remove anybody, admins members and guests. Returns {workspace_id, user_id}. Errors: workspace_not_found, not_allowed, person_not_found, last_owner.';

create function private.leave_workspace(workspace_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.require_role(workspace_id, 'owner', 'admin', 'member', 'guest');
  perform private.end_membership(workspace_id, auth.uid());
  return jsonb_build_object('workspace_id', workspace_id, 'user_id', auth.uid());
end
$$;
comment on function private.leave_workspace is 'Body of public.leave_workspace.';

create function public.leave_workspace(workspace_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.leave_workspace(leave_workspace.workspace_id) $$;
comment on function public.leave_workspace is
  'Takes the caller out of the workspace and all its channels. Returns {workspace_id, user_id}. Errors: workspace_not_found, last_owner.';

grant execute on function
  public.set_member_role, private.set_member_role, public.remove_workspace_member, private.remove_workspace_member,
  public.leave_workspace, private.leave_workspace
to authenticated, service_role;

alter publication supabase_realtime add table public.workspace_members;
