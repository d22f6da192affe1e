-- Two ways around single sign-on, closed: a new address that is in no connection's domain, and a sign-in through another
-- provider by somebody who was once at the right one.

create table private.sso_bonds (
  user_id uuid not null references auth.users on delete cascade,
  domain text not null,
  primary key (user_id, domain)
);
comment on table private.sso_bonds is
  'Domains of addresses that people had when single sign-on was asked of them: it goes on being asked after they changed their address. Who leaves a company must not get past its provider with the password they still know.';

create or replace function private.misses_sso(user_id uuid, email text, token jsonb) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from public.sso_connections c
    where (
      private.email_domain(misses_sso.email) = any (c.domains)
      or exists (select from private.sso_bonds b where b.user_id = misses_sso.user_id and b.domain = any (c.domains))
    ) and not exists (
      select
      from jsonb_array_elements(case jsonb_typeof(token -> 'amr') when 'array' then token -> 'amr' else '[]' end) as proofs (proof)
      -- The token says how, but often not where. Auth notes it on the identity, up to the ten minutes before the session that
      -- it may take to come back with a code.
      join auth.sessions s on s.id::text = token ->> 'session_id' and s.user_id = misses_sso.user_id
      join auth.identities i on i.user_id = s.user_id and i.last_sign_in_at >= s.created_at - interval '10 minutes'
      where (
        c.kind = 'saml' and proof ->> 'method' = 'sso/saml' and i.provider = 'sso:' || c.provider
        and coalesce(proof ->> 'provider', c.provider) = c.provider
      ) or (
        c.kind = 'oidc' and proof ->> 'method' = 'oauth' and i.provider = c.provider
      )
    )
  )
$$;

create or replace function private.follow_address() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.sso_bonds (user_id, domain)
  select new.id, private.email_domain(old.email)
  where exists (select from public.sso_connections c where private.email_domain(old.email) = any (c.domains))
    and exists (
      select from private.workspace_access a
      join public.workspace_security r on r.workspace_id = a.workspace_id
      where a.user_id = new.id and a.role <> 'owner' and r.require_sso
    )
  on conflict do nothing;
  perform private.note_account_change(array[new.id]);
  return null;
end
$$;
comment on function private.follow_address is
  'Trigger: the domain of the address decides whether single sign-on is asked for; where it was, it stays so.';
