-- Whoever comes back has most of the picture already: people are nine tenths of it and nearly never change. What has is told by
-- the versions of rows, which are exact, and by none of the clocks of those who wrote them.

drop function public.bootstrap(text);
drop function private.bootstrap(text);

create function private.bootstrap(workspace_slug text, since pg_snapshot) returns json
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  me uuid := private.caller_id();
  current private.workspace_access;
  channel_ids uuid[];
  person_ids uuid[];
  -- Whose direct conversation with me is new: nobody else had to be told of them.
  new_ids uuid[];
  waiting private.channel_waiting[] := array(select w from private.waiting(me, null) w);
  is_guest boolean;
  head bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
  -- How many transactions ago none was under way any more that the earlier picture did not see. Which of those after it
  -- were is not asked: a snapshot does not name transactions within others, as every exception block is one. An age fits
  -- into the 32 bits of a row's version, which is less than two billion transactions old.
  recent bigint;
begin
  -- Of a database that was restored to an earlier time.
  if pg_snapshot_xmax(since) > pg_snapshot_xmax(pg_current_snapshot()) then
    since := null;
  end if;
  recent := head - pg_snapshot_xmin(since)::text::bigint;
  if workspace_slug is not null then
    select a.* into current
    from private.workspace_access a join public.workspaces w on w.id = a.workspace_id
    where a.user_id = me and w.slug = lower(workspace_slug);
  else
    -- The one where the person read last, else the one they joined first.
    select a.* into current
    from private.workspace_access a
    join public.workspace_members m on m.workspace_id = a.workspace_id and m.user_id = a.user_id
    left join lateral (
      select max(r.updated_at) as used_at
      from private.channel_access c
      join public.read_states r on r.user_id = c.user_id and r.channel_id = c.channel_id
      where c.user_id = me and c.workspace_id = a.workspace_id
    ) last on true
    where a.user_id = me
    order by last.used_at desc nulls last, m.joined_at, a.workspace_id
    limit 1;
  end if;
  -- Who has another role or came back sees others than before, who have not changed.
  if exists (
    select from public.workspace_members m
    where m.workspace_id = current.workspace_id and m.user_id = me and (head - m.xmin::text::bigint) & 4294967295 <= recent
  ) then
    since := null;
  end if;
  is_guest := current.role = 'guest';
  select coalesce(array_agg(a.channel_id), '{}') into channel_ids
  from private.channel_access a where a.user_id = me and a.workspace_id = current.workspace_id;
  person_ids := array(
    select me
    union
    select m.user_id
    from public.channels c join public.channel_members m on m.channel_id = c.id
    where c.id = any (channel_ids) and c.kind = 'direct'
    union
    (
      select m.user_id from public.workspace_members m
      where m.workspace_id = current.workspace_id
        and (not is_guest or exists (
          select 1 from private.channel_access theirs
          where theirs.channel_id = any (channel_ids) and theirs.user_id = m.user_id
        ))
      order by m.joined_at, m.user_id
      limit 200
    )
  );
  new_ids := array(
    select m.user_id
    from public.channels c join public.channel_members m on m.channel_id = c.id
    where c.id = any (channel_ids) and c.kind = 'direct' and (head - m.xmin::text::bigint) & 4294967295 <= recent
  );

  return json_build_object(
    'me', (select p from public.profiles p where p.id = me),
    'workspaces', private.my_workspaces_json(me, waiting),
    'workspace', (
      select to_jsonb(w) || jsonb_build_object('role', current.role)
        || case when since is not null and members.number = 1000 then '{}' else jsonb_build_object('member_count', members.number) end
      from public.workspaces w
      cross join lateral (
        -- Counting ten thousand takes longer than the rest, and whoever asks again knows about how many there are.
        select count(*) as number
        from (
          select from private.workspace_access a where a.workspace_id = w.id
          limit case when since is null then null else 1000 end
        ) counted
      ) members
      where w.id = current.workspace_id
    ),
    'channels', (
      select coalesce(json_agg(c.channel order by c.channel ->> 'name', c.channel_id), '[]')
      from private.channels_json(channel_ids, waiting) c
    ),
    'people', (
      select coalesce(json_agg(person order by person.handle), '[]')
      from (
        select p.*, wm.role, wm.deactivated_at
        from public.profiles p
        left join public.workspace_members wm on wm.user_id = p.id and wm.workspace_id = current.workspace_id
        where p.id = any (person_ids)
          and (
            since is null or p.id = any (new_ids)
            or (head - p.xmin::text::bigint) & 4294967295 <= recent
            or (head - wm.xmin::text::bigint) & 4294967295 <= recent
          )
      ) person
    ),
    'drafts', (
      select coalesce(json_agg(json_build_object(
        'channel_id', d.channel_id, 'thread_id', d.thread_id, 'body', d.body, 'updated_at', d.updated_at)
        order by d.updated_at desc), '[]')
      from public.drafts d
      where d.user_id = me and d.channel_id = any (channel_ids) and d.body <> ''
    ),
    'realtime', nullif(private.realtime_transport(), 'postgres_changes'),
    'as_of', pg_current_snapshot()::text
  );
end
$$;
comment on function private.bootstrap is 'Body of public.bootstrap.';

create function public.bootstrap(workspace_slug text default null, since text default null) returns json
language sql stable security invoker set search_path = ''
as $$ select private.bootstrap(bootstrap.workspace_slug, bootstrap.since::pg_snapshot) $$;
comment on function public.bootstrap is
  'Everything the app needs to start: {me: profile, workspaces: [{…, role, unread, mention_count}], workspace: {…, role, member_count} | null, channels: [mine, as private.channels_json shows them], people: [{…profile, role, deactivated_at}] (me, everybody in my direct conversations, up to 200 members), drafts: [{channel_id, thread_id, body, updated_at}], realtime: "broadcast" | null, as_of}. With since, an earlier answer''s as_of for the same workspace, people are only those whose row, membership or direct conversation with me has changed since (everybody when the caller''s own membership has), and member_count is left out where there are a thousand or more. Without a slug the workspace used last; null when there is none. Errors: session_not_enough; 22P02 when since is nothing that as_of was.';

grant execute on function public.bootstrap, private.bootstrap to authenticated, service_role;
