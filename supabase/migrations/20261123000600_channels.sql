-- Places to talk in: public and private channels, and conversations of named people (direct).

create type public.channel_kind as enum ('public', 'private', 'direct');
comment on type public.channel_kind is
  'public: every member of the workspace may read and join. private: by addition only, also for admins. direct: a fixed set of people, without a name.';

create table public.channels (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces on delete cascade,
  kind public.channel_kind not null,
  name text check (private.is_visible(name) and char_length(name) <= 80),
  topic text not null default '' check (char_length(topic) <= 250),
  purpose text not null default '' check (char_length(purpose) <= 250),
  created_by uuid references public.profiles on delete set null,
  default_at timestamptz,
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  check ((kind = 'direct') = (name is null)),
  check (kind = 'public' or default_at is null),
  check (kind <> 'direct' or archived_at is null)
);
comment on table public.channels is
  'Places to talk in. What changes with every message is in channel_heads, so that this table stays quiet.';
comment on column public.channels.name is 'Lower case, without white space; unique in the workspace, archived ones included. Null for direct.';
comment on column public.channels.default_at is 'Since when newcomers (not guests) join it by themselves; null: they do not.';
comment on column public.channels.archived_at is 'From then on it can only be read.';
create unique index channels_workspace_id_name_idx on public.channels (workspace_id, lower(name)) where name is not null;
create index channels_created_by_idx on public.channels (created_by);

create table private.direct_conversations (
  channel_id uuid primary key,
  workspace_id uuid not null,
  direct_key text not null,
  unique (workspace_id, direct_key),
  foreign key (workspace_id, channel_id) references public.channels (workspace_id, id) on delete cascade
);
comment on table private.direct_conversations is
  'Which people a direct channel is for: the same people in a workspace always get the same conversation.';
comment on column private.direct_conversations.direct_key is 'Sorted ids of the people, joined by commas.';
create unique index direct_conversations_workspace_id_channel_id_idx
  on private.direct_conversations (workspace_id, channel_id);

grant select on public.channels to authenticated;
grant update (name, topic, purpose) on public.channels to authenticated;

alter table public.channels enable row level security;

create policy select_by_member on public.channels for select to authenticated
using (
  exists (
    select 1 from private.channel_access a
    where a.channel_id = channels.id and a.user_id = (select auth.uid())
  )
  or (kind = 'public' and exists (
    select 1 from private.workspace_access a
    where a.workspace_id = channels.workspace_id and a.user_id = (select auth.uid()) and a.role <> 'guest'
  ))
);
comment on policy select_by_member on public.channels is
  '@realtime scope=id,kind,workspace_id depends=private.channel_access(user_id);private.workspace_access(user_id)';

create policy update_by_member on public.channels for update to authenticated
using (kind <> 'direct' and exists (
  select 1
  from private.workspace_access w
  left join private.channel_access c on c.channel_id = channels.id and c.user_id = w.user_id
  where w.workspace_id = channels.workspace_id and w.user_id = (select auth.uid()) and w.role <> 'guest'
    and (c.user_id is not null or (channels.kind = 'public' and w.role in ('owner', 'admin')))
))
with check (kind <> 'direct' and exists (
  select 1
  from private.workspace_access w
  left join private.channel_access c on c.channel_id = channels.id and c.user_id = w.user_id
  where w.workspace_id = channels.workspace_id and w.user_id = (select auth.uid()) and w.role <> 'guest'
    and (c.user_id is not null or (channels.kind = 'public' and w.role in ('owner', 'admin')))
));
comment on policy update_by_member on public.channels is
  'Members (not guests) change topic and purpose; that a name is changed by its creator or an admin only is the trigger''s business.';

create function private.is_reserved_channel_name(name text) returns boolean
language sql immutable strict parallel safe set search_path = ''
as $$ select name in ('all', 'channel', 'everyone', 'group', 'here', 'me', 'you', 'team', 'archive', 'archived') $$;
comment on function private.is_reserved_channel_name is 'Words that mean groups of people in a mention.';

create function private.clean_channel_name(name text) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  cleaned text := lower(ltrim(private.clean_name(name), '#'));
begin
  cleaned := replace(btrim(cleaned), ' ', '-');
  if cleaned = '' then
    perform private.fail('name_blank');
  -- Letters of every script are welcome; signs that mean something in a mention, a link or markdown are not.
  elsif cleaned ~ '[\u0021-\u002C\u002F\u003A-\u0040\u005B-\u005E\u0060\u007B-\u007E\u00A1-\u00A9\u00AB-\u00B4\u00B6-\u00B9\u00BB-\u00BF\u00D7\u00F7\u2000-\u206F\u2E00-\u2E7F\u3000-\u3004\u3008-\u3020\u3030\uFF01-\uFF0F\uFF1A-\uFF20]'
    or cleaned !~ '[^._-]' then
    perform private.fail('channel_name_invalid');
  elsif private.is_reserved_channel_name(cleaned) then
    perform private.fail('channel_name_reserved');
  end if;
  return cleaned;
end
$$;
comment on function private.clean_channel_name is
  'A channel name as it is stored: lower case, hyphens for spaces, without a leading #. Errors: name_blank, name_too_long, channel_name_invalid, channel_name_reserved.';

create function private.check_channel() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.topic := private.clean_text(coalesce(new.topic, ''), 250);
  new.purpose := private.clean_text(coalesce(new.purpose, ''), 250);
  if new.kind <> 'direct' and (tg_op = 'INSERT' or new.name is distinct from old.name) then
    new.name := private.clean_channel_name(new.name);
    if exists (
      select from public.channels c
      where c.workspace_id = new.workspace_id and lower(c.name) = new.name and c.id <> new.id
    ) then
      perform private.fail('channel_name_taken');
    end if;
  end if;
  if tg_op = 'UPDATE' then
    if auth.uid() is not null then
      if old.archived_at is not null and new.archived_at is not null then
        perform private.fail('channel_archived');
      elsif new.name is distinct from old.name
        and old.created_by is distinct from auth.uid()
        and coalesce(private.my_role(old.workspace_id) not in ('owner', 'admin'), true) then
        perform private.fail('not_allowed');
      end if;
    end if;
    new.updated_at := now();
  end if;
  return new;
end
$$;
comment on function private.check_channel is
  'Trigger: cleans and checks. Errors: name_blank, name_too_long, text_too_long, channel_name_invalid, channel_name_reserved, channel_name_taken, channel_archived, not_allowed.';

create trigger channels_check before insert or update on public.channels
  for each row execute function private.check_channel();

alter publication supabase_realtime add table public.channels;
