-- Emoji on messages. Everybody sees them in messages.reactions; this table holds who may take which one back.

create function private.is_emoji(value text) returns boolean
language sql immutable strict parallel safe set search_path = ''
as $$
  -- Signs and pictures, with what joins and colours them; letters only where Unicode counts them as emoji.
  select char_length(value) <= 64 and value ~ (
    '^(:[a-z0-9_+-]{1,62}:|[0-9#*]\uFE0F?\u20E3'
    || '|[\u00A9\u00AE\u203C\u2049\u2122\u2139\u2190-\u27FF\u2900-\u2BFF\u3030\u303D\u3297\u3299\U0001F000-\U0001FBFF]'
    || '[\u200D\uFE0F\u2190-\u27FF\u2900-\u2BFF\U0001F000-\U0001FBFF\U000E0020-\U000E007F]*)$')
$$;
comment on function private.is_emoji is
  'Whether a text is an emoji, or the :short_name: of one. What everybody is shown under a message must be no message itself.';
grant execute on function private.is_emoji to authenticated, service_role;

create table public.reactions (
  message_id uuid not null references public.messages on delete cascade,
  channel_id uuid not null default '00000000-0000-0000-0000-000000000000' references public.channels on delete cascade,
  user_id uuid not null default auth.uid() references public.profiles on delete cascade,
  emoji text not null check (private.is_emoji(emoji)),
  created_at timestamptz not null default now(),
  primary key (message_id, user_id, emoji)
);
comment on table public.reactions is
  'Emoji on messages. Insert {message_id, emoji}, delete by the same; the summary travels in messages.reactions.';
comment on column public.reactions.channel_id is 'The message''s channel: whatever is given, a trigger fills it in.';
comment on column public.reactions.emoji is 'One emoji, or the :short_name: of a custom one.';
create index reactions_channel_id_idx on public.reactions (channel_id);
create index reactions_user_id_idx on public.reactions (user_id);

grant select, delete on public.reactions to authenticated;
grant insert (message_id, channel_id, user_id, emoji) on public.reactions to authenticated;

alter table public.reactions enable row level security;

create policy select_by_member on public.reactions for select to authenticated
using (exists (
  select 1 from private.channel_access a
  where a.channel_id = reactions.channel_id and a.user_id = (select auth.uid())
));

create policy insert_by_member on public.reactions for insert to authenticated
with check (user_id = (select auth.uid()) and exists (
  select 1 from private.channel_access a
  where a.channel_id = reactions.channel_id and a.user_id = (select auth.uid())
));

create policy delete_by_author on public.reactions for delete to authenticated
using (user_id = (select auth.uid()) and exists (
  select 1 from private.channel_access a
  where a.channel_id = reactions.channel_id and a.user_id = (select auth.uid())
));

create function private.place_reaction() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  message public.messages;
begin
  new.emoji := normalize(btrim(new.emoji), NFC);
  if new.emoji is null or not private.is_emoji(new.emoji) then
    perform private.fail('emoji_invalid');
  end if;
  -- Takes the message's row before its channel's head, as every writer does.
  select m.* into message from public.messages m where m.id = new.message_id for no key update;
  if message.id is null or (auth.uid() is not null and not private.is_in_channel(message.channel_id))
    or message.deleted_at is not null then
    perform private.fail('message_not_found');
  end if;
  new.channel_id := message.channel_id;
  if auth.uid() is not null then
    new.created_at := clock_timestamp();
  end if;
  if exists (
    select from public.reactions r
    where r.message_id = new.message_id and r.user_id = new.user_id and r.emoji = new.emoji
  ) then
    return null;
  end if;
  if not message.reactions ? new.emoji and (
    select count(*) from jsonb_object_keys(message.reactions)) >= 50 then
    perform private.fail('too_many_reactions');
  end if;
  return new;
end
$$;
comment on function private.place_reaction is
  'Trigger: checks a reaction; the same one again is skipped. Errors: emoji_invalid, message_not_found, too_many_reactions.';

create function private.summarise_reactions() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  changed public.reactions := case when tg_op = 'DELETE' then old else new end;
begin
  update public.messages m set reactions = case
    when people.ids is null then m.reactions - changed.emoji
    else jsonb_set(m.reactions, array[changed.emoji], people.ids)
  end
  from (
    select jsonb_agg(r.user_id order by r.created_at, r.user_id) as ids
    from public.reactions r
    where r.message_id = changed.message_id and r.emoji = changed.emoji
  ) people
  where m.id = changed.message_id and m.deleted_at is null;
  if found and auth.uid() is not null then
    perform private.check_open(changed.channel_id);
  end if;
  return null;
end
$$;
comment on function private.summarise_reactions is
  'Trigger: messages.reactions follows, which takes a rev. Error: channel_archived.';

create trigger reactions_place before insert on public.reactions
  for each row execute function private.place_reaction();
create trigger reactions_summarise after insert or delete on public.reactions
  for each row execute function private.summarise_reactions();
