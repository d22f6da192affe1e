-- How far each person has read in each channel. Unread is a subtraction: channel_heads.last_seq - last_read_seq.

create table public.read_states (
  user_id uuid not null,
  channel_id uuid not null,
  last_read_seq bigint not null default 0,
  unread_from_seq bigint,
  updated_at timestamptz not null default now(),
  primary key (user_id, channel_id),
  foreign key (channel_id, user_id) references public.channel_members on delete cascade
) with (fillfactor = 70);
comment on table public.read_states is
  'How far each person has read in each channel: one row per membership, made and deleted with it. Written by mark_read, mark_unread and by sending.';
comment on column public.read_states.last_read_seq is 'seq up to which everything was read. Never goes back.';
comment on column public.read_states.unread_from_seq is
  'Set by "mark unread": from this seq on messages count as unread, until they are read again.';
create unique index read_states_channel_id_user_id_idx on public.read_states (channel_id, user_id);

grant select on public.read_states to authenticated;

alter table public.read_states enable row level security;

create policy select_by_self on public.read_states for select to authenticated
using (user_id = (select auth.uid()));
comment on policy select_by_self on public.read_states is '@realtime scope=user_id';

create function private.mark_read(channel_id uuid, seq bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  channel public.channels := private.require_channel(mark_read.channel_id);
  upto bigint;
  state public.read_states;
begin
  select least(greatest(mark_read.seq, 0), h.last_seq) into upto
  from public.channel_heads h where h.channel_id = channel.id;
  update public.read_states r set
    last_read_seq = greatest(r.last_read_seq, upto),
    unread_from_seq = case when r.unread_from_seq > upto then r.unread_from_seq end,
    updated_at = now()
  where r.user_id = auth.uid() and r.channel_id = channel.id
    and (r.last_read_seq < upto or r.unread_from_seq <= upto);
  select r.* into state from public.read_states r where r.user_id = auth.uid() and r.channel_id = channel.id;
  if state.user_id is null then
    perform private.fail('not_a_member');
  end if;
  return to_jsonb(state);
end
$$;
comment on function private.mark_read is 'Body of public.mark_read.';

create function public.mark_read(channel_id uuid, seq bigint) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.mark_read(mark_read.channel_id, mark_read.seq) $$;
comment on function public.mark_read is
  'Everything up to seq is read; a lower seq than before changes nothing, a later "mark unread" point stays. Returns the row of read_states. Errors: channel_not_found, not_a_member.';

create function private.mark_unread(channel_id uuid, seq bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  channel public.channels := private.require_channel(mark_unread.channel_id);
  state public.read_states;
begin
  update public.read_states r set
    unread_from_seq = greatest(mark_unread.seq, 1), updated_at = now()
  from public.channel_heads h
  where r.user_id = auth.uid() and r.channel_id = channel.id
    and h.channel_id = channel.id and mark_unread.seq <= h.last_seq;
  select r.* into state from public.read_states r where r.user_id = auth.uid() and r.channel_id = channel.id;
  if state.user_id is null then
    perform private.fail('not_a_member');
  end if;
  return to_jsonb(state);
end
$$;
comment on function private.mark_unread is 'Body of public.mark_unread.';

create function public.mark_unread(channel_id uuid, seq bigint) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.mark_unread(mark_unread.channel_id, mark_unread.seq) $$;
comment on function public.mark_unread is
  'From seq on everything is unread again; a seq that does not exist yet changes nothing. Returns the row of read_states. Errors: channel_not_found, not_a_member.';

grant execute on function
  public.mark_read, private.mark_read, public.mark_unread, private.mark_unread
to authenticated, service_role;

alter publication supabase_realtime add table public.read_states;
