-- What people see of their own sign-ins, and what a sign-in still lacks. All of these a weak sign-in may use.

create function private.session_requirements() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  token jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  me uuid := private.signed_in_id();
  is_strong boolean := token ->> 'aal' = 'aal2' and (token ->> 'session_id' is null or exists (
    select from auth.sessions s where s.id = (token ->> 'session_id')::uuid and s.aal = 'aal2'));
  has_factor boolean := exists (select from auth.mfa_factors f where f.user_id = me and f.status = 'verified');
  asked jsonb;
begin
  -- Who asks what of this sign-in that it does not have.
  select jsonb_build_object(
    'two_factor', coalesce(bool_or(lacks.two_factor), false),
    'sso', coalesce(bool_or(lacks.sso), false),
    'workspaces', coalesce(jsonb_agg(jsonb_build_object('name', lacks.name, 'slug', lacks.slug) order by lacks.name), '[]'))
  into asked
  from (
    select
      w.name, w.slug,
      r.require_two_factor and not coalesce(is_strong, false) as two_factor,
      r.require_sso and a.role <> 'owner' and private.misses_sso(me, u.email, token) as sso
    from private.workspace_access a
    join public.workspace_security r on r.workspace_id = a.workspace_id
    join public.workspaces w on w.id = a.workspace_id
    join auth.users u on u.id = a.user_id
    where a.user_id = me
  ) lacks
  where lacks.two_factor or lacks.sso;

  return jsonb_build_object(
    'ok', private.person_id() is not null,
    'ended', me is null,
    'second_factor', case
      when me is null or is_strong then 'none'
      when has_factor then 'verify'
      when (asked ->> 'two_factor')::boolean then 'enroll'
      else 'none'
    end,
    'sso', asked -> 'sso',
    'deactivated', me is null and private.is_deactivated((token ->> 'sub')::uuid),
    'workspaces', asked -> 'workspaces'
  );
end
$$;
comment on function private.session_requirements is 'Body of public.session_requirements.';

create function public.session_requirements() returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.session_requirements() $$;
comment on function public.session_requirements is
  'What the caller''s sign-in lacks: {ok, ended: the session is over or the account banned, second_factor: ''none'' | ''verify'' (a code is enough) | ''enroll'' (must be set up), sso: single sign-on is asked for, deactivated: everywhere, workspaces: [{name, slug}] that ask}. A weak sign-in may ask.';

create function private.list_sessions() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id,
    'created_at', s.created_at,
    -- GoTrue keeps this one without a time zone, in UTC.
    'last_used_at', greatest(s.created_at, s.updated_at, s.refreshed_at at time zone 'UTC'),
    'user_agent', s.user_agent,
    'ip', host(s.ip),
    'aal', coalesce(s.aal::text, 'aal1'),
    'is_current', s.id::text = current_setting('request.jwt.claims', true)::jsonb ->> 'session_id'
  ) order by greatest(s.created_at, s.updated_at, s.refreshed_at at time zone 'UTC') desc, s.id), '[]')
  from auth.sessions s
  where s.user_id = private.signed_in_id() and (s.not_after is null or s.not_after > now())
$$;
comment on function private.list_sessions is 'Body of public.list_sessions.';

create function public.list_sessions() returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.list_sessions() $$;
comment on function public.list_sessions is
  'The caller''s own sign-ins, last used first: [{id, created_at, last_used_at, user_agent, ip, aal, is_current}]. A weak sign-in may ask.';

create function private.end_session(session_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  delete from auth.sessions s where s.id = end_session.session_id and s.user_id = private.signed_in_id();
  if not found then
    perform private.fail('session_not_found');
  end if;
  perform private.forget_person();
  return jsonb_build_object('session_id', session_id);
end
$$;
comment on function private.end_session is 'Body of public.end_session.';

create function public.end_session(session_id uuid) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.end_session(end_session.session_id) $$;
comment on function public.end_session is
  'Signs one of the caller''s own sign-ins out: its tokens end at once. Returns {session_id}. A weak sign-in may. Error: session_not_found, the same for missing ones and those of others.';

create function private.end_other_sessions() returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  ended int;
begin
  delete from auth.sessions s
  where s.user_id = private.signed_in_id()
    and s.id::text is distinct from current_setting('request.jwt.claims', true)::jsonb ->> 'session_id';
  get diagnostics ended = row_count;
  return jsonb_build_object('ended', ended);
end
$$;
comment on function private.end_other_sessions is 'Body of public.end_other_sessions.';

create function public.end_other_sessions() returns jsonb
language sql security invoker set search_path = ''
as $$ select private.end_other_sessions() $$;
comment on function public.end_other_sessions is
  'Signs the caller out everywhere else. Returns {ended: how many}. A weak sign-in may.';

grant execute on function
  public.session_requirements, private.session_requirements, public.list_sessions, private.list_sessions,
  public.end_session, private.end_session, public.end_other_sessions, private.end_other_sessions
to authenticated, service_role;
