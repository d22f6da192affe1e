-- Who may help whom back into their account.

create function private.first_workspace_id() returns uuid
language sql stable security definer set search_path = ''
as $$ select w.id from public.workspaces w order by w.created_at, w.id limit 1 $$;
comment on function private.first_workspace_id is
  'The workspace that was made first: its owners are those of the installation.';

create function private.may_reset_password(user_id uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from private.workspace_access a
    where a.user_id = private.person_id() and a.workspace_id = private.first_workspace_id() and a.role = 'owner'
      and exists (select from auth.users u where u.id = may_reset_password.user_id)
  ) or coalesce((
    -- Roles are in the order of their power. Somebody without a workspace has nobody who could vouch for them.
    select bool_and(mine.role is not null and mine.role in ('owner', 'admin') and mine.role <= m.role)
    from public.workspace_members m
    left join private.workspace_access mine
      on mine.workspace_id = m.workspace_id and mine.user_id = private.person_id()
    where m.user_id = may_reset_password.user_id
  ), false)
$$;
comment on function private.may_reset_password is 'Body of public.may_reset_password.';

create function public.may_reset_password(user_id uuid) returns boolean
language sql stable security invoker set search_path = ''
as $$ select private.may_reset_password(may_reset_password.user_id) $$;
comment on function public.may_reset_password is
  'Whether the caller may make a password reset link for somebody, or take their second factor off: an owner of the installation''s first workspace, or an owner or admin with at least that person''s role in every workspace of theirs.';

grant execute on function public.may_reset_password, private.may_reset_password to authenticated, service_role;
