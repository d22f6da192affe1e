-- How changes reach clients. `postgres_changes`: Realtime reads them from the log and asks the policies. `broadcast`: triggers
-- send each to the topics whose members may see it, and a person is asked about once, on joining. The triggers are the
-- setting: without them nothing is sent and a write costs nothing more. docs/decisions/0018-supabase.md

create function private.realtime_transport() returns text
language sql stable set search_path = ''
as $$
  select case when exists (
    select from pg_catalog.pg_trigger t
    where t.tgrelid = 'public.messages'::regclass and t.tgname = 'messages_tell'
  ) then 'broadcast' else 'postgres_changes' end
$$;
comment on function private.realtime_transport is 'How clients hear of changes: postgres_changes or broadcast.';

-- Who may hear ----------------------------------------------------------------------------------------------------------
-- People may speak on workspace:<id>, channel:<id> and user:<id>; on changes:… only triggers do, so what comes there is true.
-- Guests hear of no more than their channels: changes of the workspace reach them on changes:user:<id>.

alter policy select_by_member on realtime.messages using (
  (extension in ('broadcast', 'presence') and exists (
    select 1 from private.workspace_access a
    where a.user_id = (select private.person_id()) and 'workspace:' || a.workspace_id = (select realtime.topic())
  ))
  or (extension = 'broadcast' and exists (
    select 1 from private.channel_access a
    where a.user_id = (select private.person_id())
      and (select realtime.topic()) in ('channel:' || a.channel_id, 'changes:channel:' || a.channel_id)
  ))
  or (extension = 'broadcast' and exists (
    select 1 from private.workspace_access a
    where a.user_id = (select private.person_id()) and a.role <> 'guest'
      and 'changes:workspace:' || a.workspace_id = (select realtime.topic())
  ))
  or (extension = 'broadcast' and (select realtime.topic()) in (
    'user:' || (select private.person_id()), 'changes:user:' || (select private.person_id())
  ))
);

-- Sending ---------------------------------------------------------------------------------------------------------------

create function private.tell(topics text[], kind text, table_name text, record jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  topic text;
begin
  foreach topic in array topics loop
    perform realtime.send(jsonb_build_object('table', table_name, 'type', kind, 'record', record), 'change', topic, true);
  end loop;
end
$$;
comment on function private.tell is
  'Broadcasts a change, {table, type, record}, as the event "change" on each of the private topics.';

create function private.user_topics(people uuid[]) returns text[]
language sql immutable set search_path = ''
as $$ select coalesce(array_agg('changes:user:' || person), '{}') from unnest(people) as person $$;
comment on function private.user_topics is 'The topics of people.';

create function private.channel_topics(channel_id uuid) returns text[]
language sql stable set search_path = ''
as $$
  select case when c.kind = 'direct'
    then private.user_topics(array(select a.user_id from private.channel_access a where a.channel_id = c.id))
    else array['changes:channel:' || c.id] end
  from public.channels c where c.id = channel_topics.channel_id
$$;
comment on function private.channel_topics is
  'Where the members of a channel hear of it: its own topic; those of a direct conversation each on their own, so that nobody has to join a topic for each.';

create function private.guest_topics(workspace_id uuid, near uuid) returns text[]
language sql stable set search_path = ''
as $$
  select private.user_topics(array(
    select g.user_id from private.workspace_access g
    where g.workspace_id = guest_topics.workspace_id and g.role = 'guest' and g.user_id <> guest_topics.near
      and exists (
        select from private.channel_access mine join private.channel_access theirs using (channel_id)
        where mine.user_id = g.user_id and theirs.user_id = guest_topics.near
      )
  ))
$$;
comment on function private.guest_topics is 'The topics of the guests of a workspace who share a channel with somebody.';

create function private.tell_message() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  topics text[] := private.channel_topics(new.channel_id);
begin
  if tg_op = 'UPDATE' and new.body is distinct from old.body then
    -- Topics can be heard again for three days: what was edited or deleted is not there any more.
    begin
      delete from realtime.messages m
      where m.topic = any (topics || private.user_topics(old.mentions)) and m.private and m.extension = 'broadcast'
        and m.event is not null and m.payload -> 'record' ->> 'id' = new.id::text;
    exception when insufficient_privilege then
      raise warning 'What was broadcast of message % stays for three days: %', new.id, sqlerrm;
    end;
  end if;
  if tg_op = 'INSERT' and new.mentions <> '{}' then
    -- Also where the channel's own topic is not listened to: in another workspace, or among very many channels.
    topics := topics || (
      select coalesce(array_agg(topic), '{}')
      from unnest(private.user_topics(array(
        select a.user_id from private.channel_access a
        where a.channel_id = new.channel_id and a.user_id = any (new.mentions)
      ))) as topic
      where topic <> all (topics)
    );
  end if;
  perform private.tell(topics, tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$$;
comment on function private.tell_message is
  'Trigger of the transport broadcast: a message to its channel, a new one also to those it mentions.';

create function private.tell_channel() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.tell(private.channel_topics(new.id), tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$$;
comment on function private.tell_channel is 'Trigger of the transport broadcast: a changed channel to its members.';

create function private.tell_channel_member() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  person uuid := coalesce(new.user_id, old.user_id);
  topics text[] := private.user_topics(array[person]);
  member public.channel_members := case when tg_op = 'DELETE' then old else new end;
begin
  -- What somebody mutes and stars is their own affair.
  if tg_op <> 'UPDATE' then
    topics := topics || array_remove(private.channel_topics(member.channel_id), topics[1]);
  end if;
  perform private.tell(topics, tg_op, tg_table_name, to_jsonb(member));
  return null;
end
$$;
comment on function private.tell_channel_member is
  'Trigger of the transport broadcast: who comes and goes to the channel, everything about a membership to its person.';

create function private.tell_workspace() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.tell(
    'changes:workspace:' || new.id || private.user_topics(array(
      select a.user_id from private.workspace_access a where a.workspace_id = new.id and a.role = 'guest')),
    tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$$;
comment on function private.tell_workspace is 'Trigger of the transport broadcast: a changed workspace to its members.';

create function private.tell_workspace_member() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  member public.workspace_members := case when tg_op = 'DELETE' then old else new end;
begin
  perform private.tell(
    array['changes:user:' || member.user_id, 'changes:workspace:' || member.workspace_id]
      || private.guest_topics(member.workspace_id, member.user_id),
    tg_op, tg_table_name, to_jsonb(member));
  return null;
end
$$;
comment on function private.tell_workspace_member is
  'Trigger of the transport broadcast: a membership to its person, the workspace, and guests who share a channel.';

create function private.tell_profile() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  topics text[];
begin
  select 'changes:user:' || new.id
    || coalesce(array_agg('changes:workspace:' || a.workspace_id), '{}')
    || coalesce((
      select array_agg(distinct topic)
      from private.workspace_access b, unnest(private.guest_topics(b.workspace_id, new.id)) as topic
      where b.user_id = new.id
    ), '{}')
  into topics
  from private.workspace_access a where a.user_id = new.id;
  perform private.tell(topics, tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$$;
comment on function private.tell_profile is
  'Trigger of the transport broadcast: a changed profile to its person, their workspaces, and guests who share a channel.';

create function private.tell_person() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    perform private.tell(array['changes:user:' || old.user_id], tg_op, tg_table_name, to_jsonb(old));
  else
    perform private.tell(array['changes:user:' || new.user_id], tg_op, tg_table_name, to_jsonb(new));
  end if;
  return null;
end
$$;
comment on function private.tell_person is 'Trigger of the transport broadcast: rows that concern one person, to that person.';

-- The switch ------------------------------------------------------------------------------------------------------------

create function private.set_realtime_transport(transport text) returns text
language plpgsql set search_path = ''
as $$
begin
  if transport not in ('postgres_changes', 'broadcast') then
    raise invalid_parameter_value using message = 'The transport is postgres_changes or broadcast.';
  end if;
  -- Whoever listens in the way that ends asks for the picture again, and learns of the other way.
  perform private.tell(array['changes:workspace:' || w.id], 'UPDATE', 'realtime_transport', jsonb_build_object('transport', transport))
  from public.workspaces w;
  drop trigger if exists messages_tell on public.messages;
  drop trigger if exists channels_tell on public.channels;
  drop trigger if exists channel_members_tell on public.channel_members;
  drop trigger if exists workspaces_tell on public.workspaces;
  drop trigger if exists workspace_members_tell on public.workspace_members;
  drop trigger if exists profiles_tell on public.profiles;
  drop trigger if exists read_states_tell on public.read_states;
  drop trigger if exists drafts_tell on public.drafts;
  if transport = 'broadcast' then
    create trigger messages_tell after insert or update on public.messages
      for each row execute function private.tell_message();
    create trigger channels_tell after update on public.channels
      for each row execute function private.tell_channel();
    create trigger channel_members_tell after insert or update or delete on public.channel_members
      for each row execute function private.tell_channel_member();
    create trigger workspaces_tell after update on public.workspaces
      for each row execute function private.tell_workspace();
    create trigger workspace_members_tell after insert or update or delete on public.workspace_members
      for each row execute function private.tell_workspace_member();
    create trigger profiles_tell after update on public.profiles
      for each row execute function private.tell_profile();
    create trigger read_states_tell after insert or update or delete on public.read_states
      for each row execute function private.tell_person();
    create trigger drafts_tell after insert or update or delete on public.drafts
      for each row execute function private.tell_person();
  end if;
  return private.realtime_transport();
end
$$;
comment on function private.set_realtime_transport is
  'Switches how clients hear of changes: postgres_changes (the default) or broadcast. For the owner of the database only. Open clients follow with the next picture that they ask for.';

-- Clients learn of it with the picture --------------------------------------------------------------------------------------

create function private.realtime_json() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select case when private.realtime_transport() = 'broadcast' then '{"realtime": "broadcast"}' else '{}' end::jsonb
$$;
comment on function private.realtime_json is 'What bootstrap says of the transport: {} for the default, else {realtime: "broadcast"}.';
grant execute on function private.realtime_json to authenticated, service_role;

create or replace function public.bootstrap(workspace_slug text default null) returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.bootstrap(bootstrap.workspace_slug) || private.realtime_json() $$;
