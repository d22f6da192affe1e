-- What one workspace's owner may do to somebody ends where another workspace of that person begins.

create or replace function private.set_member_deactivated(workspace_id uuid, user_id uuid, deactivated boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  changed public.workspace_members;
begin
  perform private.member_to_manage(set_member_deactivated.workspace_id, set_member_deactivated.user_id);
  -- As with a removal: whoever is sending at this moment is waited for, channel after channel in one order.
  perform from public.channel_heads h
  where h.channel_id in (
    select m.channel_id from public.channel_members m
    where m.workspace_id = set_member_deactivated.workspace_id and m.user_id = set_member_deactivated.user_id)
  order by h.channel_id
  for no key update;
  update public.workspace_members m set deactivated_at = case when deactivated then coalesce(m.deactivated_at, now()) end
  where m.workspace_id = set_member_deactivated.workspace_id and m.user_id = set_member_deactivated.user_id
  returning m.* into changed;
  if deactivated then
    -- Access to this workspace is gone with the row. Sign-ins that also serve another workspace are that one's business,
    -- unless the caller answers for the whole account.
    delete from auth.sessions s
    where s.user_id = changed.user_id
      and (private.is_deactivated(changed.user_id) or private.may_reset_password(changed.user_id));
    perform private.forget_person();
  end if;
  return to_jsonb(changed);
end
$$;

create function private.forget_reset_links() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (
    select from public.workspace_members m
    where m.user_id = new.user_id and m.workspace_id <> new.workspace_id
  ) then
    delete from auth.one_time_tokens t where t.user_id = new.user_id and t.token_type = 'recovery_token';
    update auth.users u set recovery_token = '' where u.id = new.user_id and u.recovery_token <> '';
    delete from auth.sessions s
    where s.user_id = new.user_id and s.id is distinct from (auth.jwt() ->> 'session_id')::uuid
      and exists (select from auth.mfa_amr_claims c where c.session_id = s.id and c.authentication_method = 'otp');
  end if;
  return null;
end
$$;
comment on function private.forget_reset_links is
  'Trigger: a link into somebody''s account that an admin of their only workspace has made, and the sign-ins that such links opened, do not reach the workspace that the person joins next.';

create trigger workspace_members_forget_reset_links after insert on public.workspace_members
  for each row execute function private.forget_reset_links();
