-- Reading messages, one round trip each, access checked once. All of it is stable: one call sees one moment. It is planned once
-- for all calls (planning a page takes longer than reading it), and json is written as text, where jsonb is built and taken apart.

create function private.people_json(messages public.messages[], guest boolean) returns json
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with shown as (
      select m.user_id, m.last_replier_ids, m.mentions from unnest(messages) m
    ),
    people as (
      select user_id as id from shown
      union
      select unnest(last_replier_ids) from shown
      union
      select named.id from (select distinct unnest(mentions) as id from shown) named
      where not guest or exists (
        select 1
        from private.channel_access mine
        join private.channel_access theirs on theirs.channel_id = mine.channel_id
        where mine.user_id = (select auth.uid()) and theirs.user_id = named.id
      )
    )
    select coalesce(json_agg(p order by p.handle), '[]')
    -- An array, so that they are found by their ids, however many people there are.
    from public.profiles p where p.id = any (array(select id from people))
  );
end
$$;
comment on function private.people_json is
  'Profiles of the authors, repliers and named people of messages; a guest gets named people only where they share a channel. Checks nothing else.';

create function private.channel_page(
  channel_id uuid, before_seq bigint, after_seq bigint, around_seq bigint, page_size int
) returns json
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  channel public.channels := private.require_channel(channel_id);
  size int := private.page_size(page_size);
  -- The page is what lies on both sides of a pivot: `lower` messages before it, `upper` from it on.
  pivot bigint := coalesce(around_seq, after_seq + 1, before_seq, 9223372036854775807);
  upper int := case
    when around_seq is not null then size - size / 2
    when after_seq is not null then size
    else 0
  end;
  lower int := size - upper;
  page public.messages[];
begin
  page := array(
    (select m from public.messages m
      where m.channel_id = channel.id and m.seq < pivot order by m.seq desc limit lower)
    union all
    (select m from public.messages m
      where m.channel_id = channel.id and m.seq >= pivot order by m.seq limit upper)
  );

  return json_build_object(
    'channel', private.channel_json(channel.id),
    'messages', (select coalesce(json_agg(m order by m.seq), '[]') from unnest(page) m),
    'people', private.people_json(page, private.my_role(channel.workspace_id) = 'guest'),
    'has_before', exists (
      select from public.messages m
      where m.channel_id = channel.id and m.seq < coalesce((select min(seq) from unnest(page)), pivot)),
    'has_after', exists (
      select from public.messages m
      where m.channel_id = channel.id and m.seq > coalesce((select max(seq) from unnest(page)), pivot - 1))
  );
end
$$;
comment on function private.channel_page is 'Body of public.channel_page.';

create function public.channel_page(
  channel_id uuid, before_seq bigint default null, after_seq bigint default null, around_seq bigint default null,
  page_size int default 50
) returns json
language sql stable security invoker set search_path = ''
as $$
  select private.channel_page(
    channel_page.channel_id, channel_page.before_seq, channel_page.after_seq, channel_page.around_seq,
    channel_page.page_size)
$$;
comment on function public.channel_page is
  'What a channel view needs: {channel as in bootstrap, messages: rows of the timeline by seq, people: profiles of authors, repliers and named people, has_before, has_after}. The newest page, or that before, after or around a seq. Also a preview of a public channel, not for guests. Error: channel_not_found.';

create function private.thread_page(root_id uuid, before_seq bigint, page_size int) returns json
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  root public.messages := private.readable_message(root_id, 'thread_not_found');
  page public.messages[];
begin
  if root.thread_id is not null then
    perform private.fail('thread_not_found');
  end if;
  page := array(
    select m from public.messages m
    where m.thread_id = root.id and (before_seq is null or m.thread_seq < before_seq)
    order by m.thread_seq desc
    limit private.page_size(page_size)
  );

  return json_build_object(
    'root', root,
    'messages', (select coalesce(json_agg(m order by m.thread_seq), '[]') from unnest(page) m),
    'people', private.people_json(array_append(page, root), (
      select private.my_role(c.workspace_id) = 'guest' from public.channels c where c.id = root.channel_id)),
    'has_before', exists (
      select from public.messages m
      where m.thread_id = root.id and m.thread_seq < coalesce((select min(thread_seq) from unnest(page)), before_seq))
  );
end
$$;
comment on function private.thread_page is 'Body of public.thread_page.';

create function public.thread_page(root_id uuid, before_seq bigint default null, page_size int default 50) returns json
language sql stable security invoker set search_path = ''
as $$ select private.thread_page(thread_page.root_id, thread_page.before_seq, thread_page.page_size) $$;
comment on function public.thread_page is
  'A thread: {root: row of messages, messages: replies by thread_seq, people, has_before}. The newest page, or that before a thread_seq. Error: thread_not_found.';

create function private.channel_changes(channel_id uuid, since_rev bigint, page_size int) returns json
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  channel public.channels := private.require_channel(channel_id);
  head public.channel_heads;
  size int := private.page_size(page_size);
  page public.messages[];
  last_rev bigint;
begin
  select h.* into head from public.channel_heads h where h.channel_id = channel.id;
  page := array(
    select m from public.messages m
    where m.channel_id = channel.id and m.rev > coalesce(since_rev, 0)
    order by m.rev
    limit size
  );
  last_rev := page[cardinality(page)].rev;
  -- A full page may have more behind it; else the cursor goes to the head, whose own revision may be of an older row.
  if cardinality(page) < size or last_rev >= head.last_rev then
    last_rev := head.last_rev;
  end if;
  return json_build_object(
    'rev', last_rev,
    'min_rev', head.min_rev,
    'messages', (select coalesce(json_agg(m order by m.rev), '[]') from unnest(page) m),
    'people', private.people_json(page, private.my_role(channel.workspace_id) = 'guest'),
    'has_more', last_rev < head.last_rev
  );
end
$$;
comment on function private.channel_changes is 'Body of public.channel_changes.';

create function public.channel_changes(channel_id uuid, since_rev bigint, page_size int default 200) returns json
language sql stable security invoker set search_path = ''
as $$ select private.channel_changes(channel_changes.channel_id, channel_changes.since_rev, channel_changes.page_size) $$;
comment on function public.channel_changes is
  'What changed in a channel since a revision, replies, edits and tombstones included: {rev: the next cursor, min_rev, messages: rows by rev, people, has_more}. When since_rev < min_rev the cursor is too old: take a fresh channel_page. Error: channel_not_found.';

create function private.message_context(message_id uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  message public.messages := private.readable_message(message_id, 'message_not_found');
begin
  return jsonb_build_object(
    'channel_id', message.channel_id,
    'thread_id', message.thread_id,
    'seq', coalesce(message.seq, (select root.seq from public.messages root where root.id = message.thread_id)),
    'thread_seq', message.thread_seq
  );
end
$$;
comment on function private.message_context is 'Body of public.message_context.';

create function public.message_context(message_id uuid) returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.message_context(message_context.message_id) $$;
comment on function public.message_context is
  'Where a permalink leads: {channel_id, thread_id, seq (of a reply: of its root), thread_seq}. Error: message_not_found, the same for missing and hidden messages.';

grant execute on function
  public.channel_page, private.channel_page, public.thread_page, private.thread_page,
  public.channel_changes, private.channel_changes, public.message_context, private.message_context
to authenticated, service_role;
