-- Who is asking, if their sign-in counts: the session behind the token still stands, the account is not banned, and the sign-in
-- is as strong as the person and their workspaces ask for. From here on policies and functions ask private.person_id()
-- wherever they asked auth.uid(), which looks at nothing but the token.

create function private.misses_sso(user_id uuid, email text, token jsonb) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from public.sso_connections c
    where private.email_domain(misses_sso.email) = any (c.domains)
      and not exists (
        select
        from jsonb_array_elements(case jsonb_typeof(token -> 'amr') when 'array' then token -> 'amr' else '[]' end) as proofs (proof)
        where (c.kind = 'saml' and proof ->> 'method' = 'sso/saml' and coalesce(proof ->> 'provider', c.provider) = c.provider)
          -- The token does not say which provider it was, so the person must at least have an identity there.
          or (c.kind = 'oidc' and proof ->> 'method' = 'oauth' and exists (
            select from auth.identities i where i.user_id = misses_sso.user_id and i.provider = c.provider))
      )
  )
$$;
comment on function private.misses_sso is
  'Whether a connection has the domain of this address and the token was not got through it.';

create function private.look_up_person(token jsonb, weak boolean) returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  session uuid := token ->> 'session_id';
  two_factor boolean := coalesce(token ->> 'aal' = 'aal2', false);
  person record;
begin
  -- It runs once in every request: a handful of rows by their keys, and rules are only looked at where there are any.
  select
    u.id, u.email,
    -- A session that lost its second factor is weaker than the tokens it gave out before.
    coalesce(two_factor and (s.id is null or s.aal = 'aal2'), false) as is_strong,
    exists (select from auth.mfa_factors f where f.user_id = u.id and f.status = 'verified') as has_factor,
    exists (select from public.workspace_security r where r.require_two_factor or r.require_sso) as has_rules
  into person
  from auth.users u
  left join auth.sessions s
    on s.id = session and s.user_id = u.id and (s.not_after is null or s.not_after > now())
  where u.id = (token ->> 'sub')::uuid
    and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now())
    -- Tokens that no sign-in made (of the legacy secret) name no session.
    and (session is null or s.id is not null);
  if weak or person.id is null then
    return person.id;
  elsif person.has_factor and not person.is_strong then
    return null;
  elsif not person.has_rules then
    return person.id;
  elsif exists (
    select
    from private.workspace_access a
    join public.workspace_security r on r.workspace_id = a.workspace_id
    where a.user_id = person.id and (
      (r.require_two_factor and not person.is_strong)
      or (r.require_sso and a.role <> 'owner' and private.misses_sso(person.id, person.email, token))
    )
  ) then
    return null;
  end if;
  return person.id;
end
$$;
comment on function private.look_up_person is
  'The person of a token whose session stands and whose account may be used; unless weak, also strong enough. Else null.';

create function private.person_id() returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  token text := current_setting('request.jwt.claims', true);
  person uuid;
  remembered text;
begin
  if token = current_setting('person.token', true) then
    return nullif(current_setting('person.id', true), '')::uuid;
  elsif token is null or token = '' then
    return null;
  end if;
  person := private.look_up_person(token::jsonb, false);
  -- Remembered to the end of the transaction, for this token. Whoever could set these could set the token itself.
  remembered := set_config('person.id', coalesce(person::text, ''), true) || set_config('person.token', token, true);
  return person;
end
$$;
comment on function private.person_id is
  'The caller, if their sign-in counts: the session stands, the account is not banned, and the sign-in is strong enough (second factor, single sign-on) for the person and all their workspaces. Else null. What policies and functions use in place of auth.uid().';

create function private.forget_person() returns void
language sql set search_path = ''
as $$ select set_config('person.token', '', true) $$;
comment on function private.forget_person is
  'For functions that change how strong the caller''s sign-in is: from here on private.person_id looks again.';

create function private.caller_id() returns uuid
language plpgsql stable set search_path = ''
as $$
declare
  person uuid := private.person_id();
begin
  if person is null and auth.uid() is not null then
    perform private.fail('session_not_enough');
  end if;
  return person;
end
$$;
comment on function private.caller_id is
  'private.person_id, for those to whom nobody means the server itself (secret key, imports): a person whose sign-in does not count is refused, not taken for it. Error: session_not_enough.';

create function private.signed_in_id() returns uuid
language sql stable security definer set search_path = ''
as $$ select private.look_up_person(nullif(current_setting('request.jwt.claims', true), '')::jsonb, true) $$;
comment on function private.signed_in_id is
  'The caller, however weak their sign-in: for the few functions that help to make it stronger, or to end it.';

grant execute on function private.person_id to authenticated, service_role;

-- Everything that asked auth.uid() --------------------------------------------------------------------------------------

do $$
declare
  item record;
begin
  -- Without a search path the catalogue writes every name in full.
  perform set_config('search_path', '', true);

  for item in
    select p.*, d.description
    from pg_catalog.pg_policies p
    join pg_catalog.pg_policy o
      on o.polname = p.policyname
      and o.polrelid = pg_catalog.format('%I.%I', p.schemaname, p.tablename)::pg_catalog.regclass
    left join pg_catalog.pg_description d on d.objoid = o.oid and d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass
    where p.schemaname = 'public'
      or (p.schemaname = 'realtime' and p.tablename = 'messages' and p.policyname in ('select_by_member', 'insert_by_member'))
  loop
    execute pg_catalog.format(
      'alter policy %I on %I.%I%s%s', item.policyname, item.schemaname, item.tablename,
      ' using (' || replace(replace(item.qual, 'auth.uid() AS uid', 'private.person_id() AS person_id'), 'auth.uid()', 'private.person_id()') || ')',
      ' with check (' || replace(replace(item.with_check, 'auth.uid() AS uid', 'private.person_id() AS person_id'), 'auth.uid()', 'private.person_id()') || ')');
    -- What realtime remembers of a person ends with a change of what their sign-ins must be like.
    if item.description ~ '@realtime' then
      execute pg_catalog.format('comment on policy %I on %I.%I is %L', item.policyname, item.schemaname, item.tablename,
        item.description || case when item.description ~ 'depends=' then ';' else ' depends=' end
        || 'private.account_changes(user_id)');
    end if;
  end loop;

  for item in
    select
      p.oid,
      p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype
        or p.proname in ('create_workspace', 'accept_invitation', 'bootstrap') as refuses
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'private') and p.prosrc ~ 'auth\.uid\(\)' and p.proname <> 'caller_id'
  loop
    -- To a trigger nobody means the server, which may set what people may not. The other three have nothing else to refuse with.
    execute replace(pg_catalog.pg_get_functiondef(item.oid), 'auth.uid()',
      case when item.refuses then 'private.caller_id()' else 'private.person_id()' end);
  end loop;

  -- Before it says which messages there are.
  execute replace(
    pg_catalog.pg_get_functiondef('private.place_reaction'::pg_catalog.regproc),
    '  new.emoji := normalize(', '  perform private.caller_id();
  new.emoji := normalize(');

  for item in
    select a.attrelid::pg_catalog.regclass as relation, a.attname
    from pg_catalog.pg_attrdef d
    join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and pg_catalog.pg_get_expr(d.adbin, d.adrelid) = 'auth.uid()'
  loop
    execute pg_catalog.format('alter table %s alter column %I set default private.person_id()', item.relation, item.attname);
  end loop;
end
$$;
