-- What people have begun to write, so that it is there on their other devices.

create table public.drafts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid(),
  channel_id uuid not null,
  thread_id uuid,
  body text not null default '' check (char_length(body) <= 40000),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (user_id, channel_id, thread_id),
  foreign key (channel_id, user_id) references public.channel_members on delete cascade
);
comment on table public.drafts is
  'What people have begun to write: upsert on (user_id, channel_id, thread_id). An empty body is no draft; clearing by it reaches other devices under row-level security, which a delete would not.';
comment on column public.drafts.thread_id is
  'The root whose thread the reply is for; null for the timeline. No reference: an error must not tell which messages exist.';
create index drafts_channel_id_user_id_idx on public.drafts (channel_id, user_id);

grant select, delete on public.drafts to authenticated;
grant insert (user_id, channel_id, thread_id, body), update (user_id, channel_id, thread_id, body)
  on public.drafts to authenticated;

alter table public.drafts enable row level security;

create policy select_by_self on public.drafts for select to authenticated
using (user_id = (select auth.uid()));
comment on policy select_by_self on public.drafts is '@realtime scope=user_id';

create policy insert_by_self on public.drafts for insert to authenticated
with check (user_id = (select auth.uid()) and exists (
  select 1 from private.channel_access a
  where a.channel_id = drafts.channel_id and a.user_id = (select auth.uid())
));

create policy update_by_self on public.drafts for update to authenticated
using (user_id = (select auth.uid()))
with check (user_id = (select auth.uid()) and exists (
  select 1 from private.channel_access a
  where a.channel_id = drafts.channel_id and a.user_id = (select auth.uid())
));

create policy delete_by_self on public.drafts for delete to authenticated
using (user_id = (select auth.uid()));

create trigger drafts_touch before update on public.drafts
  for each row execute function private.touch_updated_at();

alter publication supabase_realtime add table public.drafts;
