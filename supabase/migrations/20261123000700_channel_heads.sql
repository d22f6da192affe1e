-- The counters of each channel. Whoever writes a message holds the channel's row, so that numbers are dense and in the
-- order of commits. Order of locks everywhere: message id (advisory), message rows (root before reply), channel head.

create table public.channel_heads (
  channel_id uuid primary key references public.channels on delete cascade,
  last_seq bigint not null default 0,
  last_rev bigint not null default 0,
  min_rev bigint not null default 0,
  last_message_at timestamptz,
  member_count int not null default 0
) with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
comment on table public.channel_heads is
  'The counters of each channel, apart from channels because they change with every message. Not published.';
comment on column public.channel_heads.last_seq is 'seq of the newest message of the timeline; unread = last_seq - last_read_seq.';
comment on column public.channel_heads.last_rev is 'rev of the newest change; a client that has it is complete.';
comment on column public.channel_heads.min_rev is 'A cursor below it cannot be brought up to date by channel_changes: take a fresh page.';
comment on column public.channel_heads.last_message_at is 'When the newest message of the timeline was written.';

grant select on public.channel_heads to authenticated;

alter table public.channel_heads enable row level security;

create policy select_by_member on public.channel_heads for select to authenticated
using (exists (
  select 1 from private.channel_access a
  where a.channel_id = channel_heads.channel_id and a.user_id = (select auth.uid())
));

create function private.create_channel_head() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.channel_heads (channel_id) values (new.id);
  return null;
end
$$;
comment on function private.create_channel_head is 'Trigger: every channel has its counters.';

create trigger channels_create_head after insert on public.channels
  for each row execute function private.create_channel_head();
