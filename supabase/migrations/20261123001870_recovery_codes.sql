-- For people who lost their second factor: ten codes, each good once, that take it off the account.

create table private.recovery_codes (
  user_id uuid not null references auth.users on delete cascade,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);
comment on table private.recovery_codes is
  'SHA-256 of each code with its person''s id. A fast hash is enough: codes are random, 80 bits.';

create table private.recovery_tries (
  user_id uuid not null references auth.users on delete cascade,
  tried_at timestamptz not null default clock_timestamp(),
  primary key (user_id, tried_at)
);
comment on table private.recovery_tries is 'Wrong codes of the last quarter of an hour.';

create function private.hash_recovery_code(user_id uuid, code text) returns bytea
language sql immutable parallel safe set search_path = ''
as $$
  -- As people type it: with other hyphens and spaces, in capitals, and with letters that look like digits.
  select sha256(convert_to(
    user_id::text || translate(regexp_replace(lower(code), '[^a-z0-9]', '', 'g'), 'ilo', '110'), 'UTF8'))
$$;
comment on function private.hash_recovery_code is 'What is kept of a recovery code.';

create function private.create_recovery_codes() returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  me uuid := private.person_id();
  alphabet constant text := '0123456789abcdefghjkmnpqrstvwxyz';
  bytes bytea;
  code text;
  codes text[] := '{}';
begin
  if me is null then
    perform private.fail('session_not_enough');
  elsif current_setting('request.jwt.claims', true)::jsonb ->> 'aal' is distinct from 'aal2' or not exists (
    select from auth.mfa_factors f where f.user_id = me and f.status = 'verified'
  ) then
    perform private.fail('second_factor_needed');
  end if;
  delete from private.recovery_codes r where r.user_id = me;
  for n in 1..10 loop
    bytes := extensions.gen_random_bytes(16);
    select string_agg(
      substr(alphabet, (get_byte(bytes, i) & 31) + 1, 1) || case when i in (3, 7, 11) then '-' else '' end, '' order by i)
    into code
    from generate_series(0, 15) as places (i);
    codes := codes || code;
    insert into private.recovery_codes (user_id, code_hash) values (me, private.hash_recovery_code(me, code));
  end loop;
  return to_jsonb(codes);
end
$$;
comment on function private.create_recovery_codes is 'Body of public.create_recovery_codes.';

create function public.create_recovery_codes() returns jsonb
language sql security invoker set search_path = ''
as $$ select private.create_recovery_codes() $$;
comment on function public.create_recovery_codes is
  'Ten new recovery codes, shown this once: ["xxxx-xxxx-xxxx-xxxx", …]. Earlier ones end. For a sign-in with a second factor. Errors: session_not_enough, second_factor_needed.';

create function private.recovery_codes_left() returns int
language sql stable security definer set search_path = ''
as $$ select count(*)::int from private.recovery_codes r where r.user_id = private.person_id() $$;
comment on function private.recovery_codes_left is 'Body of public.recovery_codes_left.';

create function public.recovery_codes_left() returns int
language sql stable security invoker set search_path = ''
as $$ select private.recovery_codes_left() $$;
comment on function public.recovery_codes_left is 'How many recovery codes the caller has not used yet.';

create function private.use_recovery_code(code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  me uuid := private.signed_in_id();
begin
  -- The first step of a sign-in must have been made: a code stands for the second one only.
  if me is null or current_setting('request.jwt.claims', true)::jsonb ->> 'session_id' is null then
    perform private.fail('session_not_enough');
  end if;
  -- Tries at the same moment are counted one after another.
  perform pg_advisory_xact_lock(hashtextextended('recovery ' || me, 0));
  delete from private.recovery_tries t where t.user_id = me and t.tried_at < clock_timestamp() - interval '15 minutes';
  if (select count(*) from private.recovery_tries t where t.user_id = me) >= 5 then
    perform private.fail('too_many_tries');
  end if;
  delete from private.recovery_codes r
  where r.user_id = me and r.code_hash = private.hash_recovery_code(me, use_recovery_code.code);
  if not found then
    insert into private.recovery_tries (user_id) values (me);
    return private.refuse_and_keep('recovery_code_wrong');
  end if;
  delete from private.recovery_tries t where t.user_id = me;
  delete from auth.mfa_factors f where f.user_id = me;
  perform private.forget_person();
  return private.session_requirements();
end
$$;
comment on function private.use_recovery_code is 'Body of public.use_recovery_code.';

create function public.use_recovery_code(code text) returns jsonb
language sql security invoker set search_path = ''
as $$ select private.use_recovery_code(use_recovery_code.code) $$;
comment on function public.use_recovery_code is
  'Uses up one of the caller''s recovery codes and removes their second factors, so that they can set up new ones. For a sign-in without the second factor. Five wrong codes in a quarter of an hour, then it waits. Returns what session_requirements answers afterwards. Errors: session_not_enough, recovery_code_wrong, too_many_tries.';

grant execute on function
  public.create_recovery_codes, private.create_recovery_codes, public.recovery_codes_left, private.recovery_codes_left,
  public.use_recovery_code, private.use_recovery_code
to authenticated, service_role;
