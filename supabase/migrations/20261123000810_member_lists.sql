-- Lists of people, page by page: of a workspace, and of one of its channels.

create function private.members_page(
  workspace_id uuid, channel_id uuid, query text, page_size int, after_handle text
) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('role', page.role, 'joined_at', page.joined_at) order by p.handle), '[]')
  from (
    select m.user_id, m.role, coalesce(c.joined_at, m.joined_at) as joined_at
    from public.workspace_members m
    join public.profiles p on p.id = m.user_id
    left join public.channel_members c
      on c.channel_id = members_page.channel_id and c.user_id = m.user_id
    where m.workspace_id = members_page.workspace_id
      and (members_page.channel_id is null or c.user_id is not null)
      and (after_handle is null or p.handle > after_handle)
      and (
        coalesce(btrim(query), '') = ''
        or p.handle like '%' || private.escape_like(lower(btrim(query, ' @'))) || '%'
        or p.display_name ilike '%' || private.escape_like(btrim(query)) || '%'
      )
      and (
        m.user_id = (select auth.uid())
        or (select private.my_role(members_page.workspace_id)) <> 'guest'
        or exists (
          select 1
          from private.channel_access mine
          join private.channel_access theirs on theirs.channel_id = mine.channel_id
          where mine.user_id = (select auth.uid())
            and mine.workspace_id = members_page.workspace_id
            and theirs.user_id = m.user_id
        )
      )
    order by p.handle
    limit private.page_size(page_size)
  ) page
  join public.profiles p on p.id = page.user_id
$$;
comment on function private.members_page is
  'A page of people of a workspace, or of one of its channels, that the caller may see.';

create function private.list_members(workspace_id uuid, query text, page_size int, after_handle text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_role(workspace_id, 'owner', 'admin', 'member', 'guest');
  return private.members_page(workspace_id, null, query, page_size, after_handle);
end
$$;
comment on function private.list_members is 'Body of public.list_members.';

create function public.list_members(
  workspace_id uuid, query text default '', page_size int default 50, after_handle text default null
) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select private.list_members(list_members.workspace_id, list_members.query, list_members.page_size, list_members.after_handle)
$$;
comment on function public.list_members is
  'People of a workspace by handle: [{…profile, role, joined_at}]. query: part of a name or handle. Next page: after_handle = the last handle. A guest gets the people who share a channel. Error: workspace_not_found.';

create function private.channel_member_list(channel_id uuid, query text, page_size int, after_handle text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  return private.members_page(channel.workspace_id, channel.id, query, page_size, after_handle);
end
$$;
comment on function private.channel_member_list is 'Body of public.channel_member_list.';

create function public.channel_member_list(
  channel_id uuid, query text default '', page_size int default 50, after_handle text default null
) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select private.channel_member_list(
    channel_member_list.channel_id, channel_member_list.query,
    channel_member_list.page_size, channel_member_list.after_handle)
$$;
comment on function public.channel_member_list is
  'People of a channel by handle: [{…profile, role, joined_at}]. query: part of a name or handle. Next page: after_handle = the last handle. Error: channel_not_found.';

grant execute on function
  public.list_members, private.list_members, public.channel_member_list, private.channel_member_list
to authenticated, service_role;
