-- Making, finding and closing channels, and the one shape in which functions show a channel.

create type private.channel_waiting as (channel_id uuid, workspace_id uuid, unread boolean, mention_count int);
comment on type private.channel_waiting is 'What waits for a person in a channel; see private.waiting.';

create function private.waiting(user_id uuid, channel_ids uuid[]) returns setof private.channel_waiting
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  wanted uuid[] := coalesce(channel_ids, array(
    select m.channel_id from public.channel_members m where m.user_id = waiting.user_id));
begin
  -- Counted from rows, so that a deleted message lowers the number; counting stops where a badge says "99+".
  return query
  select
    c.id,
    c.workspace_id,
    h.last_seq > read.seq,
    case
      when h.last_seq <= read.seq then 0
      when c.kind = 'direct' then (
        select count(*) from (
          select 1 from public.messages m
          where m.channel_id = c.id and m.seq > read.seq and m.deleted_at is null
            and m.user_id is distinct from waiting.user_id
          limit 100
        ) messages
      )
      else (
        select count(*) from (
          select n.seq from private.message_mentions n
          where n.user_id = waiting.user_id and n.channel_id = c.id and n.seq > read.seq
          union
          select m.seq from public.messages m
          where m.channel_id = c.id and m.seq > read.seq and m.mentions_all and m.user_id is distinct from waiting.user_id
          limit 100
        ) mentions
      )
    end::int
  from public.channels c
  join public.channel_heads h on h.channel_id = c.id
  -- A lateral, so that each row is found by its whole key: the planner does not know that one person has hundreds.
  cross join lateral (
    select least(r.last_read_seq, r.unread_from_seq - 1) as seq
    from public.read_states r where r.channel_id = c.id and r.user_id = waiting.user_id
    offset 0
  ) read
  where c.id = any (wanted);
end
$$;
comment on function private.waiting is
  'What waits for a person in their channels (null: in all of them): whether there is something unread, and how many messages call them: by name or everybody, in a direct conversation every message of others. At most 100.';

create function private.channels_json(channel_ids uuid[], waiting private.channel_waiting[])
returns table (channel_id uuid, channel jsonb)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  me uuid := auth.uid();
begin
  return query
  select
    c.id,
    to_jsonb(c) || jsonb_build_object(
      'member_count', h.member_count,
      'is_member', m.user_id is not null,
      'member_ids', case when c.kind = 'direct' then (
        select jsonb_agg(d.user_id order by d.user_id) from public.channel_members d where d.channel_id = c.id
      ) else '[]' end,
      'muted_at', m.muted_at,
      'starred_at', m.starred_at,
      'head', jsonb_build_object(
        'last_seq', h.last_seq, 'last_rev', h.last_rev, 'min_rev', h.min_rev, 'last_message_at', h.last_message_at),
      'read', jsonb_build_object(
        'last_read_seq', coalesce(r.last_read_seq, h.last_seq), 'unread_from_seq', r.unread_from_seq),
      'mention_count', coalesce(w.mention_count, 0)
    )
  from public.channels c
  join public.channel_heads h on h.channel_id = c.id
  left join lateral (
    select * from public.channel_members m where m.channel_id = c.id and m.user_id = me offset 0
  ) m on true
  left join lateral (
    select * from public.read_states r where r.channel_id = c.id and r.user_id = me offset 0
  ) r on true
  left join unnest(waiting) w on w.channel_id = c.id
  where c.id = any (channel_ids);
end
$$;
comment on function private.channels_json is
  'Channels as functions show them: {…row of channels, member_count, is_member, member_ids (of a direct one, else empty), muted_at, starred_at, head: {last_seq, last_rev, min_rev, last_message_at}, read: {last_read_seq, unread_from_seq}, mention_count}, with what private.waiting says of them. Checks nothing.';

create function private.channel_json(channel_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select c.channel
  from private.channels_json(
    array[channel_json.channel_id],
    array(select w from private.waiting(auth.uid(), array[channel_json.channel_id]) w)) c
$$;
comment on function private.channel_json is 'One channel as private.channels_json shows it. Checks nothing.';

create function private.create_channel(
  workspace_id uuid, kind public.channel_kind, name text, topic text, purpose text, member_ids uuid[]
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  created public.channels;
begin
  perform private.require_role(create_channel.workspace_id, 'owner', 'admin', 'member');
  if create_channel.kind is null or create_channel.kind = 'direct' then
    perform private.fail('not_allowed');
  end if;
  begin
    insert into public.channels (workspace_id, kind, name, topic, purpose, created_by)
    values (
      create_channel.workspace_id, create_channel.kind, private.clean_name(create_channel.name),
      create_channel.topic, create_channel.purpose, auth.uid())
    returning * into created;
  exception when unique_violation then
    perform private.fail('channel_name_taken');
  end;
  perform private.add_to_channel(
    created, private.require_people(created.workspace_id, array_append(create_channel.member_ids, auth.uid())));
  return private.channel_json(created.id);
end
$$;
comment on function private.create_channel is 'Body of public.create_channel.';

create function public.create_channel(
  workspace_id uuid, kind public.channel_kind, name text, topic text default '', purpose text default '',
  member_ids uuid[] default '{}'
) returns jsonb
language sql security invoker set search_path = ''
as $$
  select private.create_channel(
    create_channel.workspace_id, create_channel.kind, create_channel.name, create_channel.topic,
    create_channel.purpose, create_channel.member_ids)
$$;
comment on function public.create_channel is
  'Creates a public or private channel; the caller and member_ids are its members. Returns the channel as in bootstrap. Errors: workspace_not_found, not_allowed (guests, kind direct), name_blank, name_too_long, channel_name_invalid, channel_name_reserved, channel_name_taken, text_too_long, person_not_found.';

create function private.open_direct(workspace_id uuid, user_ids uuid[]) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  people uuid[];
  key text;
  opened public.channels;
begin
  perform private.require_role(open_direct.workspace_id, 'owner', 'admin', 'member', 'guest');
  people := private.require_people(open_direct.workspace_id, array_append(open_direct.user_ids, auth.uid()));
  if cardinality(people) > 20 then
    perform private.fail('too_many_people');
  end if;
  key := array_to_string(people, ',');

  -- Everybody who opens the same conversation at the same moment queues here.
  perform pg_advisory_xact_lock(hashtextextended(open_direct.workspace_id || key, 0));
  select c.* into opened
  from private.direct_conversations d join public.channels c on c.id = d.channel_id
  where d.workspace_id = open_direct.workspace_id and d.direct_key = key;
  if opened.id is null then
    insert into public.channels (workspace_id, kind, created_by)
    values (open_direct.workspace_id, 'direct', auth.uid())
    returning * into opened;
    insert into private.direct_conversations (channel_id, workspace_id, direct_key)
    values (opened.id, opened.workspace_id, key);
  end if;
  -- Whoever left the workspace and came back takes part again.
  perform private.add_to_channel(opened, people);
  return private.channel_json(opened.id);
end
$$;
comment on function private.open_direct is 'Body of public.open_direct.';

create function public.open_direct(workspace_id uuid, user_ids uuid[]) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.open_direct(open_direct.workspace_id, open_direct.user_ids) $$;
comment on function public.open_direct is
  'The conversation of the caller with these people, made when it is not there; nobody else: notes to oneself. The same people always get the same one. Returns the channel as in bootstrap. Errors: workspace_not_found, person_not_found, too_many_people.';

create function private.browse_channels(workspace_id uuid, query text, page_size int, after_name text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.require_role(browse_channels.workspace_id, 'owner', 'admin', 'member');
  return (
    select coalesce(jsonb_agg(
      to_jsonb(c) || jsonb_build_object('member_count', h.member_count, 'is_member', private.is_in_channel(c.id))
      order by c.name collate "C"), '[]')
    from (
      select * from public.channels c
      where c.workspace_id = browse_channels.workspace_id and c.kind = 'public' and c.archived_at is null
        and (browse_channels.after_name is null or c.name collate "C" > browse_channels.after_name)
        and (
          coalesce(btrim(browse_channels.query, ' #'), '') = ''
          or c.name like '%' || private.escape_like(lower(btrim(browse_channels.query, ' #'))) || '%'
          or c.purpose ilike '%' || private.escape_like(btrim(browse_channels.query, ' #')) || '%'
          or c.topic ilike '%' || private.escape_like(btrim(browse_channels.query, ' #')) || '%'
        )
      order by c.name collate "C"
      limit private.page_size(browse_channels.page_size)
    ) c
    join public.channel_heads h on h.channel_id = c.id
  );
end
$$;
comment on function private.browse_channels is 'Body of public.browse_channels.';

create function public.browse_channels(
  workspace_id uuid, query text default '', page_size int default 50, after_name text default null
) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select private.browse_channels(
    browse_channels.workspace_id, browse_channels.query, browse_channels.page_size, browse_channels.after_name)
$$;
comment on function public.browse_channels is
  'Public channels that are not archived, by name: [{…row of channels, member_count, is_member}]. query: part of name, topic or purpose. Next page: after_name = the last name. Errors: workspace_not_found, not_allowed (guests).';

create function private.set_channel_archived(channel_id uuid, archived boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  if channel.kind = 'direct' or coalesce(private.my_role(channel.workspace_id) not in ('owner', 'admin'), true)
    and (channel.created_by is distinct from auth.uid()
      or coalesce(private.my_role(channel.workspace_id) = 'guest', true)) then
    perform private.fail('not_allowed');
  end if;
  -- Nobody who is sending at this moment gets a message in behind it: senders hold this row.
  perform from public.channel_heads h where h.channel_id = channel.id for update;
  update public.channels c set archived_at = case when archived then now() end
  where c.id = channel.id and (c.archived_at is not null) <> archived;
  return private.channel_json(channel.id);
end
$$;
comment on function private.set_channel_archived is 'Body of public.archive_channel and public.unarchive_channel.';

create function public.archive_channel(channel_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.set_channel_archived(archive_channel.channel_id, true) $$;
comment on function public.archive_channel is
  'Closes a channel for writing: by its creator or an admin who can read it. Returns the channel as in bootstrap. Errors: channel_not_found, not_allowed.';

create function public.unarchive_channel(channel_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.set_channel_archived(unarchive_channel.channel_id, false) $$;
comment on function public.unarchive_channel is
  'Opens an archived channel again: by its creator or an admin who can read it. Returns the channel as in bootstrap. Errors: channel_not_found, not_allowed.';

grant execute on function
  public.create_channel, private.create_channel, public.open_direct, private.open_direct,
  public.browse_channels, private.browse_channels,
  public.archive_channel, public.unarchive_channel, private.set_channel_archived
to authenticated, service_role;
