-- Ways into a workspace: a link with a secret code, perhaps for one address only.

create table public.invitations (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces on delete cascade,
  created_by uuid references public.profiles on delete set null,
  role public.workspace_role not null default 'member' check (role <> 'owner'),
  email text check (email = lower(email) and char_length(email) between 3 and 320),
  max_uses int check (max_uses > 0),
  uses int not null default 0 check (uses >= 0 and uses <= coalesce(max_uses, uses)),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table public.invitations is
  'Ways into a workspace. The code of the link is shown once, by create_invitation; only its hash is kept, in private.invitation_codes.';
comment on column public.invitations.email is 'When set, only the account with this address may use the invitation. Lower case.';
comment on column public.invitations.max_uses is 'How many people may come with it; null: as many as like until it expires.';
create index invitations_workspace_id_idx on public.invitations (workspace_id);
create index invitations_created_by_idx on public.invitations (created_by);

create table private.invitation_codes (
  invitation_id uuid primary key references public.invitations on delete cascade,
  code_hash bytea not null unique
);
comment on table private.invitation_codes is
  'SHA-256 of each invitation''s code, apart from what can be selected: no grant, policy or event can show it.';

grant select on public.invitations to authenticated;

alter table public.invitations enable row level security;

create policy select_by_creator_or_admin on public.invitations for select to authenticated
using (exists (
  select 1 from private.workspace_access a
  where a.workspace_id = invitations.workspace_id and a.user_id = (select auth.uid())
    and (a.role in ('owner', 'admin') or (a.role = 'member' and invitations.created_by = (select auth.uid())))
));

create function private.hash_code(code text) returns bytea
language sql immutable strict parallel safe set search_path = ''
as $$ select sha256(convert_to(btrim(code, E' \t\r\n'), 'UTF8')) $$;
comment on function private.hash_code is 'What is kept of an invitation''s code. A fast hash is enough: codes are random, 144 bits.';

create function private.create_invitation(
  workspace_id uuid, role public.workspace_role, email text, max_uses int, expires_in interval
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  mine public.workspace_role := private.require_role(create_invitation.workspace_id, 'owner', 'admin', 'member');
  address text := nullif(lower(private.clean_line(create_invitation.email)), '');
  -- Two random uuids hold 244 random bits; 18 bytes of their hash make 24 signs that need no escaping in an address.
  code text := translate(
    encode(substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 18), 'base64'), '+/', '-_');
  created public.invitations;
begin
  if create_invitation.role = 'owner' or (create_invitation.role = 'admin' and mine <> 'owner') then
    perform private.fail('not_allowed');
  end if;
  if create_invitation.role is null or create_invitation.max_uses < 1 or create_invitation.expires_in is null
    or create_invitation.expires_in <= interval '0' or create_invitation.expires_in > interval '366 days' then
    perform private.fail('invitation_invalid');
  end if;
  if address is not null then
    if address !~ '^[^@\s]+@[^@\s]+$' or char_length(address) > 320 then
      perform private.fail('email_invalid');
    end if;
    if exists (
      select from auth.users u
      join public.workspace_members m on m.user_id = u.id
      where lower(u.email) = address and m.workspace_id = create_invitation.workspace_id
    ) then
      perform private.fail('already_member');
    end if;
  end if;

  insert into public.invitations (workspace_id, created_by, role, email, max_uses, expires_at)
  values (
    create_invitation.workspace_id, auth.uid(), create_invitation.role, address,
    coalesce(create_invitation.max_uses, case when address is not null then 1 end), now() + create_invitation.expires_in
  )
  returning * into created;
  insert into private.invitation_codes (invitation_id, code_hash) values (created.id, private.hash_code(code));
  return to_jsonb(created) || jsonb_build_object('code', code);
end
$$;
comment on function private.create_invitation is 'Body of public.create_invitation.';

create function public.create_invitation(
  workspace_id uuid, role public.workspace_role default 'member', email text default null,
  max_uses int default null, expires_in interval default '7 days'
) returns jsonb
language sql security invoker set search_path = ''
as $$
  select private.create_invitation(
    create_invitation.workspace_id, create_invitation.role, create_invitation.email,
    create_invitation.max_uses, create_invitation.expires_in)
$$;
comment on function public.create_invitation is
  'Makes an invitation link: {…row of invitations, code}. The code is shown this once. Members invite members and guests, owners also admins. With email it is for that account, once by default. expires_in: up to 366 days. Errors: workspace_not_found, not_allowed, invitation_invalid, email_invalid, already_member.';

create function private.usable_invitation(code text) returns public.invitations
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  invitation public.invitations;
begin
  select i.* into invitation
  from private.invitation_codes c
  join public.invitations i on i.id = c.invitation_id
  where c.code_hash = private.hash_code(usable_invitation.code);
  if invitation.id is null then
    perform private.fail('invitation_not_found');
  elsif invitation.revoked_at is not null then
    perform private.fail('invitation_revoked');
  elsif invitation.expires_at <= now() then
    perform private.fail('invitation_expired');
  elsif invitation.uses >= invitation.max_uses then
    perform private.fail('invitation_used_up');
  end if;
  return invitation;
end
$$;
comment on function private.usable_invitation is
  'The invitation with this code, if it still opens the door. Errors: invitation_not_found, invitation_revoked, invitation_expired, invitation_used_up.';

create function private.preview_invitation(code text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  invitation public.invitations := private.usable_invitation(code);
begin
  return (
    select jsonb_build_object(
      'workspace', jsonb_build_object('name', w.name, 'slug', w.slug, 'icon', w.icon),
      'role', invitation.role,
      'email', invitation.email,
      'expires_at', invitation.expires_at,
      'invited_by', case when p.id is not null then jsonb_build_object(
        'display_name', p.display_name, 'handle', p.handle, 'avatar_url', p.avatar_url) end
    )
    from public.workspaces w
    left join public.profiles p on p.id = invitation.created_by
    where w.id = invitation.workspace_id
  );
end
$$;
comment on function private.preview_invitation is 'Body of public.preview_invitation.';

create function public.preview_invitation(code text) returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.preview_invitation(preview_invitation.code) $$;
comment on function public.preview_invitation is
  'What an invitation leads to, for people without an account too: {workspace: {name, slug, icon}, role, email, expires_at, invited_by: {display_name, handle, avatar_url} | null}. Errors: invitation_not_found, invitation_revoked, invitation_expired, invitation_used_up.';

create function private.accept_invitation(code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  me uuid := auth.uid();
  invitation public.invitations;
  workspace public.workspaces;
  joined boolean;
begin
  if me is null then
    perform private.fail('not_allowed');
  end if;
  -- The last use can be taken by one only: lock first, then look again.
  perform from public.invitations i
  where i.id = (
    select c.invitation_id from private.invitation_codes c
    where c.code_hash = private.hash_code(accept_invitation.code))
  for update;
  select i.* into invitation
  from private.invitation_codes c join public.invitations i on i.id = c.invitation_id
  where c.code_hash = private.hash_code(accept_invitation.code);
  select w.* into workspace from public.workspaces w where w.id = invitation.workspace_id;

  -- Coming back with the same link is no second use and never changes a role.
  if exists (
    select from public.workspace_members m where m.workspace_id = workspace.id and m.user_id = me
  ) then
    return to_jsonb(workspace);
  end if;

  invitation := private.usable_invitation(accept_invitation.code);
  if invitation.email is not null and not exists (
    select from auth.users u where u.id = me and lower(u.email) = invitation.email
  ) then
    perform private.fail('invitation_for_other_email');
  end if;

  insert into public.workspace_members (workspace_id, user_id, role)
  values (invitation.workspace_id, me, invitation.role)
  on conflict do nothing
  returning true into joined;
  if joined then
    update public.invitations i set uses = i.uses + 1 where i.id = invitation.id;
    if invitation.role <> 'guest' then
      perform private.join_default_channels(invitation.workspace_id, me);
    end if;
  end if;
  return to_jsonb(workspace);
end
$$;
comment on function private.accept_invitation is 'Body of public.accept_invitation.';

create function public.accept_invitation(code text) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.accept_invitation(accept_invitation.code) $$;
comment on function public.accept_invitation is
  'Makes the caller a member of the inviting workspace and, unless a guest, of its default channels. Accepting again changes nothing. Returns the row of workspaces. Errors: invitation_not_found, invitation_revoked, invitation_expired, invitation_used_up, invitation_for_other_email.';

create function private.revoke_invitation(invitation_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  invitation public.invitations;
  mine public.workspace_role;
begin
  select i.* into invitation from public.invitations i where i.id = invitation_id for update;
  mine := private.my_role(invitation.workspace_id);
  if mine is null or (mine not in ('owner', 'admin') and invitation.created_by is distinct from auth.uid()) then
    perform private.fail('invitation_not_found');
  end if;
  update public.invitations i set revoked_at = coalesce(i.revoked_at, now())
  where i.id = invitation_id
  returning i.* into invitation;
  return to_jsonb(invitation);
end
$$;
comment on function private.revoke_invitation is 'Body of public.revoke_invitation.';

create function public.revoke_invitation(invitation_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.revoke_invitation(revoke_invitation.invitation_id) $$;
comment on function public.revoke_invitation is
  'Closes an invitation for good; who came with it stays. By its creator or an admin. Returns the row of invitations. Error: invitation_not_found.';

grant execute on function
  public.create_invitation, private.create_invitation, public.accept_invitation, private.accept_invitation,
  public.revoke_invitation, private.revoke_invitation
to authenticated, service_role;
grant execute on function public.preview_invitation, private.preview_invitation to anon, authenticated, service_role;
