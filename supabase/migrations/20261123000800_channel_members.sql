-- Who is in a channel, with what is personal about it.

create table public.channel_members (
  channel_id uuid not null,
  user_id uuid not null,
  workspace_id uuid not null,
  joined_at timestamptz not null default now(),
  muted_at timestamptz,
  starred_at timestamptz,
  primary key (channel_id, user_id),
  foreign key (workspace_id, channel_id) references public.channels (workspace_id, id) on delete cascade,
  foreign key (workspace_id, user_id) references public.workspace_members on delete cascade
);
comment on table public.channel_members is
  'Who is in a channel. The keys make sure that they are in its workspace, and that who leaves the workspace leaves its channels.';
comment on column public.channel_members.muted_at is 'Since when the person does not want to hear of it; null: not muted.';
comment on column public.channel_members.starred_at is 'Since when the person keeps it on top; null: not starred.';
create index channel_members_workspace_id_channel_id_idx on public.channel_members (workspace_id, channel_id);
create index channel_members_workspace_id_user_id_idx on public.channel_members (workspace_id, user_id);

grant select on public.channel_members to authenticated;
grant update (muted_at, starred_at) on public.channel_members to authenticated;

alter table public.channel_members enable row level security;

create policy select_by_member on public.channel_members for select to authenticated
using (exists (
  select 1 from private.channel_access a
  where a.channel_id = channel_members.channel_id and a.user_id = (select auth.uid())
));
comment on policy select_by_member on public.channel_members is
  '@realtime scope=channel_id depends=private.channel_access(user_id,channel_id)';

create policy update_by_self on public.channel_members for update to authenticated
using (user_id = (select auth.uid()))
with check (user_id = (select auth.uid()));

create function private.keep_channel_access() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    delete from private.channel_access a where a.user_id = old.user_id and a.channel_id = old.channel_id;
    delete from private.message_mentions m where m.user_id = old.user_id and m.channel_id = old.channel_id;
    update public.channel_heads h set member_count = h.member_count - 1 where h.channel_id = old.channel_id;
  else
    insert into private.channel_access (user_id, channel_id, workspace_id)
    values (new.user_id, new.channel_id, new.workspace_id);
    update public.channel_heads h set member_count = h.member_count + 1 where h.channel_id = new.channel_id;
    -- What was said before one came is not unread.
    insert into public.read_states (user_id, channel_id, last_read_seq)
    select new.user_id, new.channel_id, h.last_seq from public.channel_heads h where h.channel_id = new.channel_id;
  end if;
  return null;
end
$$;
comment on function private.keep_channel_access is
  'Trigger: private.channel_access, the member count and the read state follow channel_members.';

create function private.lock_channel_head() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform from public.channel_heads h where h.channel_id = old.channel_id for no key update;
  return old;
end
$$;
comment on function private.lock_channel_head is
  'Trigger: who ends a membership waits for who is sending, before the read state goes: senders take the head first and the read state after.';

create trigger channel_members_lock before delete on public.channel_members
  for each row execute function private.lock_channel_head();
create trigger channel_members_access after insert or delete on public.channel_members
  for each row execute function private.keep_channel_access();

alter publication supabase_realtime add table public.channel_members;

-- Functions -----------------------------------------------------------------------------------------------------------

create function private.require_channel(channel_id uuid) returns public.channels
language plpgsql stable security definer set search_path = ''
as $$
declare
  channel public.channels;
begin
  select c.* into channel
  from public.channels c
  where c.id = require_channel.channel_id
    and (
      exists (
        select 1 from private.channel_access a
        where a.channel_id = c.id and a.user_id = (select auth.uid())
      )
      or (c.kind = 'public' and private.my_role(c.workspace_id) <> 'guest')
    );
  if channel.id is null then
    perform private.fail('channel_not_found');
  end if;
  return channel;
end
$$;
comment on function private.require_channel is
  'A channel that the caller may read: as a member, or a public one of the caller''s workspace unless a guest. Error: channel_not_found, the same for missing and hidden ones.';

create function private.is_in_channel(channel_id uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1 from private.channel_access a
    where a.channel_id = is_in_channel.channel_id and a.user_id = (select auth.uid())
  )
$$;
comment on function private.is_in_channel is 'Whether the caller is a member of a channel.';

create function private.add_to_channel(channel public.channels, user_ids uuid[]) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into public.channel_members (channel_id, user_id, workspace_id)
  select channel.id, person, channel.workspace_id
  from unnest(user_ids) as people (person)
  order by person
  on conflict do nothing;
end
$$;
comment on function private.add_to_channel is 'Makes people members of a channel; those who are stay as they are.';

create function private.require_people(workspace_id uuid, user_ids uuid[]) returns uuid[]
language plpgsql stable set search_path = ''
as $$
declare
  people uuid[];
begin
  select coalesce(array_agg(distinct person order by person), '{}') into people
  from unnest(user_ids) as wanted (person);
  if (
    select count(*)
    from private.workspace_access a
    where a.workspace_id = require_people.workspace_id and a.user_id = any (people)
      and (
        a.user_id = auth.uid()
        or private.my_role(require_people.workspace_id) <> 'guest'
        or exists (
          select 1
          from private.channel_access mine
          join private.channel_access theirs on theirs.channel_id = mine.channel_id
          where mine.user_id = auth.uid() and mine.workspace_id = a.workspace_id and theirs.user_id = a.user_id
        )
      )
  ) <> cardinality(people) then
    perform private.fail('person_not_found');
  end if;
  return people;
end
$$;
comment on function private.require_people is
  'People of a workspace whom the caller may see, sorted, each once. Error: person_not_found, the same for missing and hidden ones.';

create function private.join_default_channels(workspace_id uuid, user_id uuid) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into public.channel_members (channel_id, user_id, workspace_id)
  select c.id, join_default_channels.user_id, c.workspace_id
  from public.channels c
  where c.workspace_id = join_default_channels.workspace_id
    and c.default_at is not null and c.archived_at is null
  order by c.id
  on conflict do nothing;
end
$$;
comment on function private.join_default_channels is 'What a newcomer finds: the channels with default_at.';

create function private.join_channel(channel_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  if not private.is_in_channel(channel.id) then
    if channel.archived_at is not null then
      perform private.fail('channel_archived');
    end if;
    perform private.add_to_channel(channel, array[auth.uid()]);
  end if;
  return private.channel_json(channel.id);
end
$$;
comment on function private.join_channel is 'Body of public.join_channel.';

create function public.join_channel(channel_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.join_channel(join_channel.channel_id) $$;
comment on function public.join_channel is
  'Makes the caller a member of a public channel; nothing changes for a member. Returns the channel as in bootstrap. Errors: channel_not_found (also for guests), channel_archived.';

create function private.leave_channel(channel_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  if channel.kind = 'direct' then
    perform private.fail('not_allowed');
  end if;
  delete from public.channel_members m where m.channel_id = channel.id and m.user_id = auth.uid();
  return jsonb_build_object('channel_id', channel.id, 'user_id', auth.uid());
end
$$;
comment on function private.leave_channel is 'Body of public.leave_channel.';

create function public.leave_channel(channel_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.leave_channel(leave_channel.channel_id) $$;
comment on function public.leave_channel is
  'Takes the caller out of a channel; a direct conversation cannot be left. Returns {channel_id, user_id}. Errors: channel_not_found, not_allowed.';

create function private.add_channel_members(channel_id uuid, user_ids uuid[]) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  channel public.channels := private.require_channel(channel_id);
  role public.workspace_role := private.my_role(channel.workspace_id);
begin
  if channel.kind = 'direct' or coalesce(role = 'guest', true)
    or not (private.is_in_channel(channel.id) or role in ('owner', 'admin')) then
    perform private.fail('not_allowed');
  elsif channel.archived_at is not null then
    perform private.fail('channel_archived');
  end if;
  perform private.add_to_channel(channel, private.require_people(channel.workspace_id, user_ids));
  return private.channel_json(channel.id);
end
$$;
comment on function private.add_channel_members is 'Body of public.add_channel_members.';

create function public.add_channel_members(channel_id uuid, user_ids uuid[]) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.add_channel_members(add_channel_members.channel_id, add_channel_members.user_ids) $$;
comment on function public.add_channel_members is
  'Adds people of the workspace to a channel: by its members, to a public one also by admins; never by guests, never to a direct conversation. Returns the channel as in bootstrap. Errors: channel_not_found, not_allowed, channel_archived, person_not_found.';

create function private.remove_channel_member(channel_id uuid, user_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  channel public.channels := private.require_channel(remove_channel_member.channel_id);
  role public.workspace_role := private.my_role(channel.workspace_id);
begin
  if remove_channel_member.user_id = auth.uid() then
    return private.leave_channel(channel.id);
  elsif channel.kind = 'direct' or role is null or not (
    role in ('owner', 'admin')
    or (role = 'member' and channel.created_by = auth.uid() and private.is_in_channel(channel.id))
  ) then
    perform private.fail('not_allowed');
  end if;
  delete from public.channel_members m
  where m.channel_id = channel.id and m.user_id = remove_channel_member.user_id;
  if not found then
    perform private.fail('person_not_found');
  end if;
  return jsonb_build_object('channel_id', channel.id, 'user_id', remove_channel_member.user_id);
end
$$;
comment on function private.remove_channel_member is 'Body of public.remove_channel_member.';

create function public.remove_channel_member(channel_id uuid, user_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.remove_channel_member(remove_channel_member.channel_id, remove_channel_member.user_id) $$;
comment on function public.remove_channel_member is
  'Takes somebody out of a channel: by an admin who can read it, or by the channel''s creator. Returns {channel_id, user_id}. Errors: channel_not_found, not_allowed, person_not_found.';

grant execute on function
  public.join_channel, private.join_channel, public.leave_channel, private.leave_channel,
  public.add_channel_members, private.add_channel_members,
  public.remove_channel_member, private.remove_channel_member
to authenticated, service_role;
