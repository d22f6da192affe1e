-- Deleting a message: a tombstone that travels as an update, under row-level security.

create function private.readable_message(message_id uuid, refusal text) returns public.messages
language plpgsql stable security definer set search_path = ''
as $$
declare
  message public.messages;
begin
  select m.* into message
  from public.messages m
  join public.channels c on c.id = m.channel_id
  where m.id = readable_message.message_id
    and (private.is_in_channel(c.id) or (c.kind = 'public' and private.my_role(c.workspace_id) <> 'guest'));
  if message.id is null then
    perform private.fail(refusal);
  end if;
  return message;
end
$$;
comment on function private.readable_message is
  'A message that the caller may read; else the named refusal, the same for missing and hidden ones.';

create function private.delete_message(message_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  message public.messages := private.readable_message(delete_message.message_id, 'message_not_found');
  channel public.channels;
begin
  select c.* into channel from public.channels c where c.id = message.channel_id;
  if message.user_id is distinct from auth.uid() and (
    channel.kind = 'direct' or coalesce(private.my_role(channel.workspace_id) not in ('owner', 'admin'), true)
  ) then
    perform private.fail('not_allowed');
  end if;

  -- Locks in the order of everybody else: root, reactions, message, head.
  if message.thread_id is not null then
    perform from public.messages m where m.id = message.thread_id for no key update;
  end if;
  perform from public.reactions r where r.message_id = message.id order by r.user_id, r.emoji for update;
  update public.messages m set
    body = '', mentions = '{}', mentions_all = false, reactions = '{}', attachments = '[]',
    edited_at = null, deleted_at = clock_timestamp()
  where m.id = message.id and m.deleted_at is null;

  if found then
    delete from public.reactions r where r.message_id = message.id;
    update public.messages root set
      reply_count = root.reply_count - 1,
      last_reply_at = (
        select m.created_at from public.messages m
        where m.thread_id = root.id and m.deleted_at is null order by m.thread_seq desc limit 1),
      last_replier_ids = coalesce((
        select array_agg(people.user_id order by people.last desc)
        from (
          select m.user_id, max(m.thread_seq) as last from public.messages m
          where m.thread_id = root.id and m.deleted_at is null and m.user_id is not null
          group by m.user_id order by 2 desc limit 5
        ) people), '{}')
    where root.id = message.thread_id;
  end if;
  return (select to_jsonb(m) from public.messages m where m.id = message.id);
end
$$;
comment on function private.delete_message is 'Body of public.delete_message.';

create function public.delete_message(message_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.delete_message(delete_message.message_id) $$;
comment on function public.delete_message is
  'Empties a message and marks it deleted: by its author, in channels also by an admin who can read it. Its number stays, so that the order has no holes. Returns the row of messages. Errors: message_not_found, not_allowed.';

grant execute on function public.delete_message, private.delete_message to authenticated, service_role;
