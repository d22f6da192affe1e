-- Setting what a workspace asks of sign-ins.

create function private.set_workspace_security(workspace_id uuid, require_two_factor boolean, require_sso boolean)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  me uuid := private.person_id();
  token jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  before public.workspace_security;
  rules public.workspace_security;
begin
  perform private.require_role(set_workspace_security.workspace_id, 'owner');
  -- Two owners who change the rules at the same moment queue here.
  perform from public.workspaces w where w.id = set_workspace_security.workspace_id for no key update;
  select r.* into before from public.workspace_security r where r.workspace_id = set_workspace_security.workspace_id;
  rules.require_two_factor := coalesce(set_workspace_security.require_two_factor, before.require_two_factor, false);
  rules.require_sso := coalesce(set_workspace_security.require_sso, before.require_sso, false);

  -- Nobody makes a rule that they have not shown to work for themselves.
  if rules.require_two_factor and not coalesce(before.require_two_factor, false)
    and not coalesce(token ->> 'aal' = 'aal2' and exists (
      select from auth.mfa_factors f where f.user_id = me and f.status = 'verified'), false) then
    perform private.fail('second_factor_needed');
  end if;
  if rules.require_sso and not coalesce(before.require_sso, false) and not exists (
    select from auth.users u
    join public.sso_connections c on private.email_domain(u.email) = any (c.domains)
    where u.id = me and not private.misses_sso(u.id, u.email, token)
  ) then
    perform private.fail('sso_needed');
  end if;

  insert into public.workspace_security (workspace_id, require_two_factor, require_sso, updated_by)
  values (set_workspace_security.workspace_id, rules.require_two_factor, rules.require_sso, me)
  on conflict (workspace_id) do update set
    require_two_factor = excluded.require_two_factor, require_sso = excluded.require_sso,
    updated_at = now(), updated_by = excluded.updated_by
  returning * into rules;
  perform private.end_weak_sessions(rules, before);
  perform private.note_account_change(array(
    select a.user_id from private.workspace_access a where a.workspace_id = rules.workspace_id));
  perform private.forget_person();
  return to_jsonb(rules);
end
$$;
comment on function private.set_workspace_security is 'Body of public.set_workspace_security.';

create function private.end_weak_sessions(rules public.workspace_security, before public.workspace_security)
returns void
language sql set search_path = ''
as $$
  delete from auth.sessions s
  using private.workspace_access a, auth.users u
  where a.workspace_id = rules.workspace_id and u.id = a.user_id and s.user_id = a.user_id
    and (
      (rules.require_two_factor and before.require_two_factor is distinct from true and s.aal is distinct from 'aal2')
      or (
        rules.require_sso and before.require_sso is distinct from true and a.role <> 'owner'
        and exists (
          select from public.sso_connections c where private.email_domain(u.email) = any (c.domains))
        and not exists (
          select from auth.mfa_amr_claims m
          where m.session_id = s.id and m.authentication_method in ('sso/saml', 'oauth'))
      )
    )
$$;
comment on function private.end_weak_sessions is
  'Signs out members whose sign-in does not have what a rule that was just made asks for; the rule itself stops them in any case.';

create function public.set_workspace_security(
  workspace_id uuid, require_two_factor boolean default null, require_sso boolean default null
) returns jsonb
language sql security invoker set search_path = ''
as $$
  select private.set_workspace_security(
    set_workspace_security.workspace_id, set_workspace_security.require_two_factor, set_workspace_security.require_sso)
$$;
comment on function public.set_workspace_security is
  'Sets what a workspace asks of sign-ins; null leaves a rule as it is. By an owner whose own sign-in has what a new rule asks for. A rule that is turned on signs out the members who do not have it. Returns the row of workspace_security. Errors: workspace_not_found, not_allowed, second_factor_needed, sso_needed.';

grant execute on function public.set_workspace_security, private.set_workspace_security to authenticated, service_role;
