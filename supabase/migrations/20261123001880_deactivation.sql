-- People who are shut out but not removed: no access to anything of the workspace, all memberships kept.

alter table public.workspace_members add column deactivated_at timestamptz;
comment on column public.workspace_members.deactivated_at is
  'Since when the person is shut out: no access to the workspace and its channels, whose memberships are kept; null: not.';

create function private.forever() returns timestamptz
language sql immutable parallel safe set search_path = ''
as $$ select timestamptz '9999-12-31 00:00:00+00' $$;
comment on function private.forever is
  'The end of a ban by deactivation, by which it is told from bans that somebody else imposed. Not infinity, which Auth cannot read.';

create function private.is_deactivated(user_id uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select coalesce(bool_and(m.deactivated_at is not null), false)
  from public.workspace_members m where m.user_id = is_deactivated.user_id
$$;
comment on function private.is_deactivated is 'Whether a person is in workspaces, and deactivated in all of them.';

create or replace function private.keep_workspace_access() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'DELETE' or new.deactivated_at is not null then
    delete from private.workspace_access a where a.user_id = old.user_id and a.workspace_id = old.workspace_id;
    delete from private.channel_access a where a.user_id = old.user_id and a.workspace_id = old.workspace_id;
  else
    insert into private.workspace_access (user_id, workspace_id, role)
    values (new.user_id, new.workspace_id, new.role)
    on conflict (user_id, workspace_id) do update set role = excluded.role;
    if tg_op = 'UPDATE' and old.deactivated_at is not null then
      insert into private.channel_access (user_id, channel_id, workspace_id)
      select m.user_id, m.channel_id, m.workspace_id from public.channel_members m
      where m.user_id = new.user_id and m.workspace_id = new.workspace_id
      on conflict do nothing;
    end if;
    -- Who comes under a rule may see nothing any more, also elsewhere, until their sign-in is as it asks.
    if exists (select from public.workspace_security r where r.workspace_id = new.workspace_id) then
      perform private.note_account_change(array[new.user_id]);
    end if;
  end if;
  return null;
end
$$;
comment on function private.keep_workspace_access is
  'Trigger: private.workspace_access follows workspace_members, without those who are deactivated, and so does private.channel_access.';

create or replace function private.keep_channel_access() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    delete from private.channel_access a where a.user_id = old.user_id and a.channel_id = old.channel_id;
    delete from private.message_mentions m where m.user_id = old.user_id and m.channel_id = old.channel_id;
    update public.channel_heads h set member_count = h.member_count - 1 where h.channel_id = old.channel_id;
  else
    insert into private.channel_access (user_id, channel_id, workspace_id)
    select a.user_id, new.channel_id, a.workspace_id from private.workspace_access a
    where a.user_id = new.user_id and a.workspace_id = new.workspace_id;
    update public.channel_heads h set member_count = h.member_count + 1 where h.channel_id = new.channel_id;
    -- What was said before one came is not unread.
    insert into public.read_states (user_id, channel_id, last_read_seq)
    select new.user_id, new.channel_id, h.last_seq from public.channel_heads h where h.channel_id = new.channel_id;
  end if;
  return null;
end
$$;

create or replace function private.keep_an_owner() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if old.role = 'owner' and old.deactivated_at is null
    and (tg_op = 'DELETE' or new.role <> 'owner' or new.deactivated_at is not null) then
    -- Two owners may step down at the same moment: the workspace row makes them queue.
    perform from public.workspaces w where w.id = old.workspace_id for no key update;
    -- Nothing to protect when the workspace itself, or the person's account, is being deleted.
    if found
      and exists (select from public.profiles p where p.id = old.user_id)
      and not exists (
        select from public.workspace_members m
        where m.workspace_id = old.workspace_id and m.role = 'owner' and m.deactivated_at is null
          and m.user_id <> old.user_id
      ) then
      perform private.fail('last_owner');
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function private.keep_an_owner is 'Trigger: a workspace keeps at least one active owner. Error: last_owner.';

create function private.follow_deactivation() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  person uuid := case when tg_op = 'DELETE' then old.user_id else new.user_id end;
begin
  if private.is_deactivated(person) then
    update auth.users u set banned_until = private.forever()
    where u.id = person and u.banned_until is distinct from private.forever();
  else
    update auth.users u set banned_until = null where u.id = person and u.banned_until = private.forever();
  end if;
  return null;
end
$$;
comment on function private.follow_deactivation is
  'Trigger: who is deactivated in every workspace cannot sign in; as soon as one takes them back, or forgets them, they can.';

create trigger workspace_members_ban after insert or update of deactivated_at or delete on public.workspace_members
  for each row execute function private.follow_deactivation();

create function private.set_member_deactivated(workspace_id uuid, user_id uuid, deactivated boolean) returns jsonb
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
    delete from auth.sessions s where s.user_id = changed.user_id;
    perform private.forget_person();
  end if;
  return to_jsonb(changed);
end
$$;
comment on function private.set_member_deactivated is 'Body of public.deactivate_member and public.reactivate_member.';

create function public.deactivate_member(workspace_id uuid, user_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.set_member_deactivated(deactivate_member.workspace_id, deactivate_member.user_id, true) $$;
comment on function public.deactivate_member is
  'Shuts somebody out of the workspace and all its channels, whose memberships are kept, and signs them out everywhere. Who has no active membership left cannot sign in. Owners may anybody, admins members and guests. Returns the row of workspace_members. Errors: workspace_not_found, not_allowed, person_not_found, last_owner.';

create function public.reactivate_member(workspace_id uuid, user_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.set_member_deactivated(reactivate_member.workspace_id, reactivate_member.user_id, false) $$;
comment on function public.reactivate_member is
  'Lets somebody back in who was deactivated, with the channels they had. Owners may anybody, admins members and guests. Returns the row of workspace_members. Errors: workspace_not_found, not_allowed, person_not_found.';

grant execute on function
  public.deactivate_member, public.reactivate_member, private.set_member_deactivated
to authenticated, service_role;

-- What shows people says since when they are deactivated, and no link lets them in again.
do $$
declare
  edit record;
  text text;
begin
  for edit in
    select * from (values
      ('private.members_page', 'as joined_at
    from', 'as joined_at, m.deactivated_at
    from'),
      ('private.members_page', '''joined_at'', page.joined_at)', '''joined_at'', page.joined_at, ''deactivated_at'', page.deactivated_at)'),
      ('private.bootstrap', 'jsonb_build_object(''role'', a.role) order by p.handle', 'jsonb_build_object(''role'', wm.role, ''deactivated_at'', wm.deactivated_at) order by p.handle'),
      ('private.bootstrap', 'left join private.workspace_access a on a.user_id = p.id and a.workspace_id = current.workspace_id
      where', 'left join public.workspace_members wm on wm.user_id = p.id and wm.workspace_id = current.workspace_id
      where'),
      ('private.accept_invitation', '  -- Coming back with the same link is no second use and never changes a role.
', '  if exists (
    select from public.workspace_members m
    where m.workspace_id = workspace.id and m.user_id = me and m.deactivated_at is not null
  ) then
    perform private.fail(''deactivated'');
  end if;
  -- Coming back with the same link is no second use and never changes a role.
')
    ) as edits (name, before, after)
  loop
    select pg_get_functiondef(edit.name::regproc) into text;
    if position(edit.before in text) = 0 then
      raise exception '% does not have: %', edit.name, edit.before;
    end if;
    execute replace(text, edit.before, edit.after);
  end loop;
end
$$;
comment on function public.list_members is
  'People of a workspace by handle: [{…profile, role, joined_at, deactivated_at}]. query: part of a name or handle. Next page: after_handle = the last handle. A guest gets the people who share a channel. Error: workspace_not_found.';
comment on function public.channel_member_list is
  'People of a channel by handle: [{…profile, role, joined_at, deactivated_at}]. query: part of a name or handle. Next page: after_handle = the last handle. Error: channel_not_found.';
comment on function public.bootstrap is
  'Everything the app needs to start: {me: profile, workspaces: [{…, role, unread, mention_count}], workspace: {…, role, member_count} | null, channels: [mine, as private.channels_json shows them], people: [{…profile, role, deactivated_at}] (me, everybody in my direct conversations, up to 200 members), drafts: [{channel_id, thread_id, body, updated_at}]}. Without a slug the workspace used last; null when there is none. Error: session_not_enough.';
comment on function public.accept_invitation is
  'Makes the caller a member of the inviting workspace and, unless a guest, of its default channels. Accepting again changes nothing. Returns the row of workspaces. Errors: invitation_not_found, invitation_revoked, invitation_expired, invitation_used_up, invitation_for_other_email, deactivated, session_not_enough.';
