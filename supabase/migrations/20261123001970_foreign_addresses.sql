-- What the provider of a connection must not decide about people who are not in its domains.

create function private.keep_to_domains() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if not exists (
    select from public.sso_connections c
    where new.provider = case c.kind when 'saml' then 'sso:' || c.provider else c.provider end
      and coalesce(private.email_domain(new.identity_data ->> 'email') <> all (c.domains), false)
  ) then
    return new;
  end if;
  -- A newcomer's account is made in the same transaction; every other one is somebody's.
  if tg_op = 'INSERT' and new.provider like 'custom:%'
    and exists (select from auth.users u where u.id = new.user_id and coalesce(u.created_at < now(), true)) then
    perform private.fail('not_allowed');
  end if;
  new.identity_data := new.identity_data || '{"email_verified": false}';
  return new;
end
$$;
comment on function private.keep_to_domains is
  'Trigger: Auth hands an account to whoever proves its address. The provider of a connection proves only addresses in its domains: with another one nobody gets into an account that exists, and it counts as not verified, so that its owner gets the account when they come. Error: not_allowed.';

create trigger identities_keep_to_domains before insert or update of identity_data on auth.identities
  for each row execute function private.keep_to_domains();
