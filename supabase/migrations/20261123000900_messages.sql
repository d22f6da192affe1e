-- What people write. The id is made by the client and is its idempotency key; the channel's head numbers every message
-- (seq in the timeline, thread_seq in a thread) and every change of one (rev), dense and in the order of commits.

create table public.messages (
  id uuid primary key,
  channel_id uuid not null references public.channels on delete cascade,
  user_id uuid references public.profiles on delete set null,
  thread_id uuid references public.messages on delete cascade,
  seq bigint,
  thread_seq bigint,
  rev bigint not null default 0,
  body text not null,
  mentions uuid[] not null default '{}',
  mentions_all boolean not null default false,
  reactions jsonb not null default '{}',
  attachments jsonb not null default '[]',
  reply_count int not null default 0,
  last_reply_at timestamptz,
  last_replier_ids uuid[] not null default '{}',
  last_thread_seq bigint not null default 0,
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  deleted_at timestamptz
) with (fillfactor = 90);
comment on table public.messages is
  'What people write, with everything a timeline draws. People insert (id, channel_id, thread_id, body) and update body; triggers do the rest. Deleting is public.delete_message, which leaves a tombstone.';
comment on column public.messages.id is 'Made by the client, UUIDv7. The same id sent again is the same message.';
comment on column public.messages.user_id is 'The author; null when the account was deleted.';
comment on column public.messages.thread_id is 'The message this one replies to (the root); null in the timeline.';
comment on column public.messages.seq is 'Place in the channel''s timeline, dense from 1; null for replies.';
comment on column public.messages.thread_seq is 'Place in the thread, dense from 1; null in the timeline.';
comment on column public.messages.rev is 'The channel''s revision that last changed this row. Every revision is the last change of one message at most.';
comment on column public.messages.body is 'Markdown, at most 40,000 characters. Empty when deleted.';
comment on column public.messages.mentions is 'People of the channel (public: of the workspace) named with @handle, outside of code.';
comment on column public.messages.mentions_all is 'Names @channel, @here or @everyone; never in a thread.';
comment on column public.messages.reactions is 'Summary of public.reactions: {"👍": ["<user id>", …]} in the order of reacting.';
comment on column public.messages.attachments is 'Files as a timeline draws them.';
comment on column public.messages.reply_count is 'Replies that are not deleted.';
comment on column public.messages.last_replier_ids is 'Up to five people who replied last, newest first.';
comment on column public.messages.last_thread_seq is 'thread_seq of the newest reply.';

create unique index messages_channel_id_seq_idx on public.messages (channel_id, seq) where seq is not null;
create unique index messages_channel_id_rev_idx on public.messages (channel_id, rev);
create unique index messages_thread_id_thread_seq_idx on public.messages (thread_id, thread_seq) where thread_id is not null;
create index messages_user_id_idx on public.messages (user_id);
create index messages_mentions_all_idx on public.messages (channel_id, seq) where mentions_all;

grant select on public.messages to authenticated;
grant insert (id, channel_id, thread_id, body), update (body) on public.messages to authenticated;

alter table public.messages enable row level security;

create policy select_by_member on public.messages for select to authenticated
using (exists (
  select 1 from private.channel_access a
  where a.channel_id = messages.channel_id and a.user_id = (select auth.uid())
));
comment on policy select_by_member on public.messages is
  '@realtime scope=channel_id depends=private.channel_access(user_id,channel_id)';

create policy insert_by_member on public.messages for insert to authenticated
with check (exists (
  select 1 from private.channel_access a
  where a.channel_id = messages.channel_id and a.user_id = messages.user_id and a.user_id = (select auth.uid())
));

create policy update_by_author on public.messages for update to authenticated
using (user_id = (select auth.uid()) and deleted_at is null and exists (
  select 1 from private.channel_access a
  where a.channel_id = messages.channel_id and a.user_id = (select auth.uid())
))
with check (user_id = (select auth.uid()) and exists (
  select 1 from private.channel_access a
  where a.channel_id = messages.channel_id and a.user_id = (select auth.uid())
));

-- Checks --------------------------------------------------------------------------------------------------------------

create function private.check_body(body text) returns void
language plpgsql set search_path = ''
as $$
begin
  if char_length(body) > 40000 then
    perform private.fail('message_too_long');
  elsif body is null or not private.is_visible(body) then
    perform private.fail('empty_message');
  end if;
end
$$;
comment on function private.check_body is 'Errors: empty_message, message_too_long.';

create function private.refuse_sender(channel_id uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  perform private.require_channel(channel_id);
  perform private.fail('not_a_member');
end
$$;
comment on function private.refuse_sender is
  'Says why somebody who is not a member may not write in a channel. Errors: channel_not_found, not_a_member.';

create function private.check_open(channel_id uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  if exists (select from public.channels c where c.id = check_open.channel_id and c.archived_at is not null) then
    perform private.fail('channel_archived');
  elsif not private.is_in_channel(check_open.channel_id) then
    perform private.fail('not_a_member');
  end if;
end
$$;
comment on function private.check_open is
  'Called while holding the channel''s head, so that nothing slips in behind archive_channel or a removal, which the policies of a statement that waited do not see. Errors: channel_archived, not_a_member.';

-- Triggers ------------------------------------------------------------------------------------------------------------
-- What a row of messages must be like is checked here: PostgreSQL reads and plans a table's CHECK expressions anew for every
-- statement, which took as long as all the indexes. The same holds for channel_heads and read_states, which a send updates.

create function private.place_message() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  me uuid := auth.uid();
  locked text;
  taken record;
  root record;
begin
  new.user_id := coalesce(me, new.user_id);

  -- First the id: the same message may arrive twice at once, and a number taken for the second would leave a hole.
  -- (Assigned, because plpgsql evaluates that by itself: a statement of its own costs it five times as much.)
  locked := pg_advisory_xact_lock(uuid_hash_extended(new.id, 0))::text;
  select m.id, m.user_id, m.channel_id, m.thread_id, exists (
    select from private.channel_access a where a.channel_id = new.channel_id and a.user_id = me
  ) as is_member into taken
  from (select) as one left join public.messages m on m.id = new.id;
  if taken.id is not null then
    if taken.user_id = new.user_id and taken.channel_id = new.channel_id
      and taken.thread_id is not distinct from new.thread_id then
      return null;
    end if;
    perform private.fail('message_id_taken');
  end if;

  -- Nearly every message has a letter or digit that is easy to find.
  if new.body is null or char_length(new.body) > 40000 or new.body !~ '[!-~]' then
    perform private.check_body(new.body);
  end if;
  if me is not null and not taken.is_member then
    perform private.refuse_sender(new.channel_id);
  end if;
  new.mentions := '{}';
  new.mentions_all := false;
  if position('@' in new.body) > 0 then
    new.mentions_all := new.thread_id is null and private.mentions_everybody(new.body);
    new.mentions := private.mentioned_people(new.body, new.channel_id, new.user_id);
  end if;
  new.reactions := '{}';
  new.reply_count := 0;
  new.last_reply_at := null;
  new.last_replier_ids := '{}';
  new.last_thread_seq := 0;

  if new.thread_id is not null then
    select m.last_thread_seq, m.deleted_at into root
    from public.messages m
    where m.id = new.thread_id and m.channel_id = new.channel_id and m.thread_id is null
    for no key update;
    if not found or (root.deleted_at is not null and root.last_thread_seq = 0) then
      perform private.fail('thread_not_found');
    end if;
    if me is not null then
      new.created_at := clock_timestamp();
    end if;
    -- Here and not after the insert: the next row of the same statement may be a reply to the same root.
    update public.messages m set
      reply_count = m.reply_count + 1,
      last_reply_at = new.created_at,
      last_replier_ids = (array_remove(array_prepend(new.user_id, array_remove(m.last_replier_ids, new.user_id)), null))[1:5],
      last_thread_seq = m.last_thread_seq + 1
    where m.id = new.thread_id
    returning m.last_thread_seq into new.thread_seq;
    new.seq := null;
    update public.channel_heads h set last_rev = h.last_rev + 1
    where h.channel_id = new.channel_id
    returning h.last_rev into new.rev;
  else
    new.thread_seq := null;
    -- Times are read under the lock: they follow the order of the numbers.
    update public.channel_heads h set
      last_rev = h.last_rev + 1,
      last_seq = h.last_seq + 1,
      last_message_at = greatest(h.last_message_at, case when me is null then new.created_at else clock_timestamp() end)
    where h.channel_id = new.channel_id
    returning h.last_rev, h.last_seq, case when me is null then new.created_at else clock_timestamp() end
    into new.rev, new.seq, new.created_at;
  end if;
  if new.rev is null then
    perform private.fail('channel_not_found');
  end if;

  if me is not null then
    new.attachments := '[]';
    new.edited_at := null;
    new.deleted_at := null;
  elsif new.deleted_at is not null then
    raise check_violation using message = 'A message is written before it is deleted.';
  end if;

  if new.thread_id is null then
    -- A message of the timeline is read by who sent it. Who finds that the channel is open on the way need not look again.
    update public.read_states r set last_read_seq = new.seq, unread_from_seq = null, updated_at = now()
    from public.channels c
    where r.user_id = new.user_id and r.channel_id = new.channel_id and c.id = r.channel_id
      and (me is null or (c.archived_at is null and exists (
        select from private.channel_access a where a.channel_id = r.channel_id and a.user_id = me)));
  end if;
  if me is not null and (new.thread_id is not null or not found) then
    perform private.check_open(new.channel_id);
  end if;
  return new;
end
$$;
comment on function private.place_message is
  'Trigger: checks a new message, gives it its numbers and adds a reply to its root; sent again by its author it is skipped without taking any. Without a signed-in person (secret key, imports) author and times are as given. Errors: empty_message, message_too_long, message_id_taken, channel_not_found, not_a_member, channel_archived, thread_not_found.';

create function private.revise_message() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if (new.thread_id is null) <> (new.seq is not null) or (new.thread_id is null) <> (new.thread_seq is null) then
    raise check_violation using message = 'A message has its place in the timeline or in a thread.';
  elsif new.deleted_at is not null
    and (new.body, new.mentions, new.reactions, new.attachments) is distinct from ('', '{}'::uuid[], '{}'::jsonb, '[]'::jsonb) then
    raise check_violation using message = 'A deleted message is empty.';
  end if;

  -- Nothing changed, or the author's account is being deleted (which clients see by the missing profile).
  if new is not distinct from old or (new.user_id is null and old.user_id is not null) then
    return new;
  end if;

  if new.body is distinct from old.body and new.deleted_at is null then
    perform private.check_body(new.body);
    if auth.uid() is not null or new.edited_at is not distinct from old.edited_at then
      new.edited_at := clock_timestamp();
    end if;
    new.mentions_all := new.thread_id is null and private.mentions_everybody(new.body);
    new.mentions := private.mentioned_people(new.body, new.channel_id, new.user_id);
  end if;

  update public.channel_heads h set last_rev = h.last_rev + 1
  where h.channel_id = new.channel_id
  returning h.last_rev into new.rev;

  if new.body is distinct from old.body and new.deleted_at is null and auth.uid() is not null then
    perform private.check_open(new.channel_id);
  end if;
  return new;
end
$$;
comment on function private.revise_message is
  'Trigger: every change of a message takes the channel''s next rev; an edit is checked like a new message. Errors: empty_message, message_too_long, channel_archived.';

create function private.follow_message() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.keep_mentions(new);
  return null;
end
$$;
comment on function private.follow_message is 'Trigger: private.message_mentions follows messages.mentions.';

create trigger messages_place before insert on public.messages
  for each row execute function private.place_message();
create trigger messages_revise before update on public.messages
  for each row execute function private.revise_message();
create trigger messages_mention after insert on public.messages
  for each row when (new.mentions <> '{}')
  execute function private.follow_message();
create trigger messages_follow after update on public.messages
  for each row when (new.mentions is distinct from old.mentions)
  execute function private.follow_message();

alter publication supabase_realtime add table public.messages;
