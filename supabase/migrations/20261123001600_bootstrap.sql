-- Starting the app: one round trip.

create function private.bootstrap(workspace_slug text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  me uuid := auth.uid();
  current private.workspace_access;
  channel_ids uuid[];
  person_ids uuid[];
  waiting private.channel_waiting[] := array(select w from private.waiting(me, null) w);
  is_guest boolean;
begin
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

  return jsonb_build_object(
    'me', (select to_jsonb(p) from public.profiles p where p.id = me),
    'workspaces', private.my_workspaces_json(me, waiting),
    'workspace', (
      select to_jsonb(w) || jsonb_build_object(
        'role', current.role,
        'member_count', (select count(*) from private.workspace_access a where a.workspace_id = w.id))
      from public.workspaces w where w.id = current.workspace_id
    ),
    'channels', (
      select coalesce(jsonb_agg(c.channel order by c.channel ->> 'name', c.channel_id), '[]')
      from private.channels_json(channel_ids, waiting) c
    ),
    'people', (
      select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('role', a.role) order by p.handle), '[]')
      from public.profiles p
      left join private.workspace_access a on a.user_id = p.id and a.workspace_id = current.workspace_id
      where p.id = any (person_ids)
    ),
    'drafts', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'channel_id', d.channel_id, 'thread_id', d.thread_id, 'body', d.body, 'updated_at', d.updated_at)
        order by d.updated_at desc), '[]')
      from public.drafts d
      where d.user_id = me and d.channel_id = any (channel_ids) and d.body <> ''
    )
  );
end
$$;
comment on function private.bootstrap is 'Body of public.bootstrap.';

create function private.my_workspaces_json(me uuid, waiting private.channel_waiting[]) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(
      to_jsonb(w) || jsonb_build_object(
        'role', a.role,
        'unread', coalesce(counts.unread, false),
        'mention_count', coalesce(counts.mention_count, 0)
      ) order by m.joined_at, w.id), '[]')
    from private.workspace_access a
    join public.workspaces w on w.id = a.workspace_id
    join public.workspace_members m on m.workspace_id = a.workspace_id and m.user_id = a.user_id
    left join (
      select
        c.workspace_id,
        bool_or(c.unread and cm.muted_at is null) as unread,
        sum(c.mention_count) as mention_count
      from unnest(waiting) c
      join public.channel_members cm on cm.channel_id = c.channel_id and cm.user_id = me
      join public.channels channel on channel.id = c.channel_id and channel.archived_at is null
      group by c.workspace_id
    ) counts on counts.workspace_id = a.workspace_id
    where a.user_id = me
  );
end
$$;
comment on function private.my_workspaces_json is
  'A person''s workspaces with what waits there, of all their channels: [{…row of workspaces, role, unread, mention_count}], first joined first. Muted channels do not make a workspace unread, but their mentions count.';

create function public.bootstrap(workspace_slug text default null) returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.bootstrap(bootstrap.workspace_slug) $$;
comment on function public.bootstrap is
  'Everything the app needs to start: {me: profile, workspaces: [{…, role, unread, mention_count}], workspace: {…, role, member_count} | null, channels: [mine, as private.channels_json shows them], people: [{…profile, role}] (me, everybody in my direct conversations, up to 200 members), drafts: [{channel_id, thread_id, body, updated_at}]}. Without a slug the workspace used last; null when there is none.';

grant execute on function public.bootstrap, private.bootstrap to authenticated, service_role;
