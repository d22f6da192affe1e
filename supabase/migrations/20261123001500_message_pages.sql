-- Reading messages, one round trip each, access checked once. All of it is stable: one call sees one moment.

create function private.people_json(message_ids uuid[], guest boolean) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with shown as (
      select m.user_id, m.last_replier_ids, m.mentions from public.messages m where m.id = any (message_ids)
    ),
    writers as (
      select user_id as id from shown union select unnest(last_replier_ids) from shown
    ),
    named as (
      select distinct unnest(mentions) as id from shown
    )
    select coalesce(jsonb_agg(to_jsonb(p) order by p.handle), '[]')
    from public.profiles p
    where p.id in (select id from writers)
      or (p.id in (select id from named) and (not guest or exists (
        select 1
        from private.channel_access mine
        join private.channel_access theirs on theirs.channel_id = mine.channel_id
        where mine.user_id = (select auth.uid()) and theirs.user_id = p.id
      )))
  );
end
$$;
comment on function private.people_json is
  'Profiles of the authors, repliers and named people of messages; a guest gets named people only where they share a channel. Checks nothing else.';

create function private.channel_page(
  channel_id uuid, before_seq bigint, after_seq bigint, around_seq bigint, page_size int
) returns jsonb
language plpgsql stable security definer set search_path = ''
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
  ids uuid[];
  messages jsonb;
  first_seq bigint;
  last_seq bigint;
begin
  select
    coalesce(array_agg(page.id), '{}'), coalesce(jsonb_agg(to_jsonb(page) order by page.seq), '[]'),
    min(page.seq), max(page.seq)
  into ids, messages, first_seq, last_seq
  from (
    (select m.* from public.messages m
      where m.channel_id = channel.id and m.seq < pivot order by m.seq desc limit lower)
    union all
    (select m.* from public.messages m
      where m.channel_id = channel.id and m.seq >= pivot order by m.seq limit upper)
  ) page;

  return jsonb_build_object(
    'channel', private.channel_json(channel.id),
    'messages', messages,
    'people', private.people_json(ids, private.my_role(channel.workspace_id) = 'guest'),
    'has_before', exists (
      select from public.messages m where m.channel_id = channel.id and m.seq < coalesce(first_seq, pivot)),
    'has_after', exists (
      select from public.messages m where m.channel_id = channel.id and m.seq > coalesce(last_seq, pivot - 1))
  );
end
$$;
comment on function private.channel_page is 'Body of public.channel_page.';

create function public.channel_page(
  channel_id uuid, before_seq bigint default null, after_seq bigint default null, around_seq bigint default null,
  page_size int default 50
) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select private.channel_page(
    channel_page.channel_id, channel_page.before_seq, channel_page.after_seq, channel_page.around_seq,
    channel_page.page_size)
$$;
comment on function public.channel_page is
  'What a channel view needs: {channel as in bootstrap, messages: rows of the timeline by seq, people: profiles of authors, repliers and named people, has_before, has_after}. The newest page, or that before, after or around a seq. Also a preview of a public channel, not for guests. Error: channel_not_found.';

create function private.thread_page(root_id uuid, before_seq bigint, page_size int) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  root public.messages := private.readable_message(root_id, 'thread_not_found');
  ids uuid[];
  messages jsonb;
  first_seq bigint;
begin
  if root.thread_id is not null then
    perform private.fail('thread_not_found');
  end if;
  select
    coalesce(array_agg(page.id), '{}'), coalesce(jsonb_agg(to_jsonb(page) order by page.thread_seq), '[]'),
    min(page.thread_seq)
  into ids, messages, first_seq
  from (
    select m.* from public.messages m
    where m.thread_id = root.id and (before_seq is null or m.thread_seq < before_seq)
    order by m.thread_seq desc
    limit private.page_size(page_size)
  ) page;

  return jsonb_build_object(
    'root', to_jsonb(root),
    'messages', messages,
    'people', private.people_json(array_append(ids, root.id), (
      select private.my_role(c.workspace_id) = 'guest' from public.channels c where c.id = root.channel_id)),
    'has_before', exists (
      select from public.messages m where m.thread_id = root.id and m.thread_seq < coalesce(first_seq, before_seq))
  );
end
$$;
comment on function private.thread_page is 'Body of public.thread_page.';

create function public.thread_page(root_id uuid, before_seq bigint default null, page_size int default 50) returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.thread_page(thread_page.root_id, thread_page.before_seq, thread_page.page_size) $$;
comment on function public.thread_page is
  'A thread: {root: row of messages, messages: replies by thread_seq, people, has_before}. The newest page, or that before a thread_seq. Error: thread_not_found.';

create function private.channel_changes(channel_id uuid, since_rev bigint, page_size int) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  channel public.channels := private.require_channel(channel_id);
  head public.channel_heads;
  size int := private.page_size(page_size);
  ids uuid[];
  messages jsonb;
  last_rev bigint;
begin
  select h.* into head from public.channel_heads h where h.channel_id = channel.id;
  select coalesce(array_agg(page.id), '{}'), coalesce(jsonb_agg(to_jsonb(page) order by page.rev), '[]'), max(page.rev)
  into ids, messages, last_rev
  from (
    select m.* from public.messages m
    where m.channel_id = channel.id and m.rev > coalesce(since_rev, 0)
    order by m.rev
    limit size
  ) page;
  -- A full page may have more behind it; else the cursor goes to the head, whose own revision may be of an older row.
  if cardinality(ids) < size or last_rev >= head.last_rev then
    last_rev := head.last_rev;
  end if;
  return jsonb_build_object(
    'rev', last_rev,
    'min_rev', head.min_rev,
    'messages', messages,
    'people', private.people_json(ids, private.my_role(channel.workspace_id) = 'guest'),
    'has_more', last_rev < head.last_rev
  );
end
$$;
comment on function private.channel_changes is 'Body of public.channel_changes.';

create function public.channel_changes(channel_id uuid, since_rev bigint, page_size int default 200) returns jsonb
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
