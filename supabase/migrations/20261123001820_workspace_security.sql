-- What a workspace asks of sign-ins.

create table public.workspace_security (
  workspace_id uuid primary key references public.workspaces on delete cascade,
  require_two_factor boolean not null default false,
  require_sso boolean not null default false,
  updated_at timestamptz not null default now(),
  updated_by uuid references public.profiles on delete set null
);
comment on table public.workspace_security is
  'What a workspace asks of the sign-ins of its members; no row: nothing. Written by set_workspace_security only.';
comment on column public.workspace_security.require_two_factor is 'Members need a sign-in with a second factor.';
comment on column public.workspace_security.require_sso is
  'Members whose address is in a domain of a connection sign in through it. Owners may always use their password, so that a broken connection locks nobody out for good.';
create index workspace_security_updated_by_idx on public.workspace_security (updated_by);

grant select on public.workspace_security to authenticated;

alter table public.workspace_security enable row level security;

create policy select_by_member on public.workspace_security for select to authenticated
using (exists (
  select 1 from private.workspace_access a
  where a.workspace_id = workspace_security.workspace_id and a.user_id = (select auth.uid())
));
