-- Who is named in which message: what the numbers on channels are counted from.

create table private.message_mentions (
  message_id uuid not null references public.messages on delete cascade,
  user_id uuid not null,
  channel_id uuid not null,
  seq bigint,
  primary key (message_id, user_id)
);
comment on table private.message_mentions is
  'One row per member of the channel whom a message of somebody else names. Kept by triggers on messages.';
comment on column private.message_mentions.seq is
  'Place in the timeline; null in a thread, which the channel''s numbers do not count.';
create unique index message_mentions_user_id_channel_id_seq_idx on private.message_mentions (user_id, channel_id, seq);

create function private.mentioned_words(body text) returns text[]
language sql immutable strict parallel safe set search_path = ''
as $$
  -- Code does not call anybody, and neither does the second half of an e-mail address.
  select case when position('@' in body) = 0 then '{}' else (
    select coalesce(array_agg(distinct rtrim(lower(found[1]), '._-')), '{}')
    from regexp_matches(
      regexp_replace(regexp_replace(body, '```.*?(```|$)', ' ', 'g'), '`[^`\n]*`', ' ', 'g'),
      '(?<![[:alnum:]_.@/-])@([a-z0-9][a-z0-9._-]*)', 'gi'
    ) as found
  ) end
$$;
comment on function private.mentioned_words is 'The words after @ in a message, outside of code, lower case.';

create function private.mentions_everybody(body text) returns boolean
language sql immutable strict parallel safe set search_path = ''
as $$ select private.mentioned_words(body) && array['channel', 'here', 'everyone'] $$;
comment on function private.mentions_everybody is 'Whether a message calls everybody in the channel.';

create function private.mentioned_people(body text, channel_id uuid, author_id uuid) returns uuid[]
language sql stable set search_path = ''
as $$
  select case when position('@' in body) = 0 then '{}' else (
    select coalesce(array_agg(p.id order by p.id), '{}')
    from public.profiles p
    join public.channels c on c.id = mentioned_people.channel_id
    where p.handle = any (private.mentioned_words(body))
      and (
        exists (
          select 1 from private.channel_access a where a.channel_id = c.id and a.user_id = p.id
        )
        or (c.kind = 'public' and exists (
          -- A guest who writes must not learn by trying who else works here.
          select 1
          from private.workspace_access theirs
          left join private.workspace_access author
            on author.workspace_id = theirs.workspace_id and author.user_id = author_id
          where theirs.workspace_id = c.workspace_id and theirs.user_id = p.id
            and theirs.role <> 'guest' and author.role is distinct from 'guest'
        ))
      )
  ) end
$$;
comment on function private.mentioned_people is
  'People a message names: members of the channel; in a public one also of the workspace, unless its author is a guest.';

create function private.keep_mentions(message public.messages) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from private.message_mentions n
  where n.message_id = message.id and n.user_id <> all (message.mentions);
  if message.mentions <> '{}' then
    insert into private.message_mentions (message_id, user_id, channel_id, seq)
    select message.id, a.user_id, message.channel_id, message.seq
    from private.channel_access a
    where a.channel_id = message.channel_id and a.user_id = any (message.mentions)
      and a.user_id is distinct from message.user_id
    on conflict do nothing;
  end if;
end
$$;
comment on function private.keep_mentions is 'Makes private.message_mentions say what a message says.';
