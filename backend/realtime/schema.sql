-- Schema realtime as a Supabase project has it, for policies of private topics and for sending from SQL. Runs as
-- supabase_admin whenever this file changed; everything in here is safe to run again.

create table if not exists realtime.messages (
  id uuid not null default gen_random_uuid(),
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
alter table realtime.messages add column if not exists binary_payload bytea;
-- UTC whatever time zone a session has, and the moment of sending: messages of one transaction keep their order.
alter table realtime.messages
  alter column inserted_at set default (clock_timestamp() at time zone 'utc'),
  alter column updated_at set default (clock_timestamp() at time zone 'utc');
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
grant usage on schema realtime to authenticator, anon, authenticated, service_role;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
comment on table realtime.messages is
  'What was sent from SQL in the last three days, for channels that ask to hear it again. Policies decide who may hear (select) and speak (insert) on private topics.';
-- Rows that are only made to ask the policies have no event and are not in it.
create index if not exists messages_replay on realtime.messages (topic, inserted_at desc)
  where private and extension = 'broadcast' and event is not null;

-- The service reads what was sent from the WAL: committed messages only, in commit order.
do $$
begin
  if not exists (select from pg_publication where pubname = 'supabase_realtime_messages_publication') then
    create publication supabase_realtime_messages_publication for table realtime.messages
      with (publish = 'insert', publish_via_partition_root = true);
  end if;
end
$$;

create or replace function realtime.topic() returns text
language sql stable set search_path = ''
as $$ select nullif(current_setting('realtime.topic', true), '') $$;
comment on function realtime.topic is 'The private topic that a policy on realtime.messages is asked about.';

create or replace function realtime.maintain_partitions() returns void
language plpgsql set search_path = '' set lock_timeout = '2s'
as $$
declare
  today date := now() at time zone 'utc';
  day date;
  partition text;
begin
  for day in select generate_series(today - 1, today + 3, interval '1 day') loop
    partition := 'messages_' || to_char(day, 'YYYY_MM_DD');
    continue when to_regclass('realtime.' || partition) is not null;
    -- Attached: a partition that is created in place would have to wait for all who are sending.
    execute format('create table realtime.%I (like realtime.messages including defaults)', partition);
    execute format('alter table realtime.messages attach partition realtime.%I for values from (%L) to (%L)',
      partition, day, day + 1);
  end loop;
  for partition in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'realtime.messages'::regclass
      and c.relname ~ '^messages_\d{4}_\d\d_\d\d$' and c.relname < 'messages_' || to_char(today - 3, 'YYYY_MM_DD')
  loop
    begin
      execute format('drop table realtime.%I', partition);
    exception when lock_not_available then
      -- Who is sending goes first; it is dropped next time.
      raise notice 'realtime.% is in use', partition;
    end;
  end loop;
end
$$;
comment on function realtime.maintain_partitions is
  'Makes the daily partitions from yesterday to three days ahead and drops those older than three days.';
select realtime.maintain_partitions();

-- Sending from SQL ----------------------------------------------------------------------------------------------------

-- Until 1.0 it put messages into the WAL without keeping them.
drop function if exists realtime.emit(jsonb);

create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void
language plpgsql set search_path = ''
as $$
declare
  id uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (
    id, case when payload ? 'id' then payload else jsonb_set(payload, '{id}', to_jsonb(id)) end,
    event, topic, private, 'broadcast'
  );
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;
comment on function realtime.send is
  'Broadcasts JSON to a topic when the transaction commits. Errors become warnings: sending never aborts the caller.';

create or replace function realtime.send_binary(payload bytea, event text, topic text, private boolean default true)
returns void
language plpgsql set search_path = ''
as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;
comment on function realtime.send_binary is
  'Broadcasts bytes to a topic when the transaction commits. Errors become warnings: sending never aborts the caller.';

create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW'
)
returns void
language plpgsql set search_path = ''
as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation is null or operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', old, 'record', new, 'operation', operation, 'table', table_name, 'schema', table_schema
    ),
    event_name, topic_name
  );
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end
$$;
comment on function realtime.broadcast_changes is 'Broadcasts a row change; to be called by a row-level trigger.';

-- Questions of the realtime service -----------------------------------------------------------------------------------
-- They run as authenticator, become the role in question and undo what they wrote. Nothing here runs with more
-- rights than the person asked about, except the two rows of place_probe, which never survive.

create or replace function realtime.place_probe(topic text) returns uuid[]
language sql security definer set search_path = ''
as $$
  with placed as (
    insert into realtime.messages (topic, extension, private, inserted_at)
    values (topic, 'broadcast', true, now() at time zone 'utc'), (topic, 'presence', true, now() at time zone 'utc')
    returning id, extension
  )
  select array_agg(id order by extension) from placed
$$;
alter function realtime.place_probe owner to supabase_realtime_admin;
comment on function realtime.place_probe is 'Rows that realtime.authorize tries to see. Its caller takes them back.';

create or replace function realtime.authorize(
  topic text, role text, claims text,
  out hear_broadcast boolean, out hear_presence boolean, out speak_broadcast boolean, out speak_presence boolean
)
language plpgsql set search_path = pg_catalog, public, extensions
as $$
declare
  probes uuid[];
begin
  hear_broadcast := false;
  hear_presence := false;
  speak_broadcast := false;
  speak_presence := false;
  begin
    probes := realtime.place_probe(topic);
    perform set_config('realtime.topic', topic, true), set_config('request.jwt.claims', claims, true),
      set_config('request.jwt.claim.sub', coalesce(claims::jsonb ->> 'sub', ''), true),
      set_config('request.jwt.claim.role', role, true), set_config('request.headers', '{}', true);
    perform set_config('role', role, true);
    select coalesce(bool_or(m.id = probes[1]), false), coalesce(bool_or(m.id = probes[2]), false)
    into hear_broadcast, hear_presence
    from realtime.messages m
    where m.id = any (probes) and m.inserted_at = now() at time zone 'utc';
    begin
      insert into realtime.messages (topic, extension, private) values (topic, 'broadcast', true);
      speak_broadcast := true;
    exception
      when transaction_rollback or insufficient_resources or lock_not_available or operator_intervention
        or system_error or internal_error then raise;
      when others then null;
    end;
    begin
      insert into realtime.messages (topic, extension, private) values (topic, 'presence', true);
      speak_presence := true;
    exception
      when transaction_rollback or insufficient_resources or lock_not_available or operator_intervention
        or system_error or internal_error then raise;
      when others then null;
    end;
    raise exception using errcode = 'RT000';
  exception
    when sqlstate 'RT000' then null;
    -- A deadlock or a full disk says nothing about anybody's rights: whoever asks may ask again.
    when transaction_rollback or insufficient_resources or lock_not_available or operator_intervention
      or system_error or internal_error then raise;
    -- A policy that raises allows nothing.
    when others then
      hear_broadcast := false;
      hear_presence := false;
  end;
end
$$;
comment on function realtime.authorize is
  'What a role with these claims may do on a private topic, by the policies on realtime.messages; raises where the server itself was at fault.';

create or replace function realtime.ask_as_each(query text, key text[], role text, claims text[]) returns text[]
language plpgsql set search_path = pg_catalog, public, extensions
as $$
declare
  answers text[] := '{}';
  answer text;
begin
  perform set_config('role', role, true), set_config('request.jwt.claim.role', role, true),
    set_config('request.headers', '{}', true);
  for i in 1 .. cardinality(claims) loop
    begin
      perform set_config('request.jwt.claims', claims[i], true),
        set_config('request.jwt.claim.sub', coalesce(claims[i]::jsonb ->> 'sub', ''), true);
      execute query into answer using key;
    exception
      when transaction_rollback or insufficient_resources or lock_not_available or operator_intervention
        or system_error or internal_error then raise;
      when others then
        -- One person's policy that raises must not silence the others.
        answer := null;
    end;
    answers := answers || answer;
  end loop;
  perform set_config('role', 'none', true);
  return answers;
end
$$;
comment on function realtime.ask_as_each is
  'Runs a query that answers one value as each of these people: a text each, null where it raised or answered nothing. Raises where the server itself was at fault.';

create or replace function realtime.decide(probe text, key text[], role text, claims text[]) returns text
language sql set search_path = ''
as $$
  select coalesce(string_agg(coalesce(left(answer, 1), 'x'), '' order by place), '')
  from unnest(realtime.ask_as_each(probe, key, role, claims)) with ordinality as asked (answer, place)
$$;
comment on function realtime.decide is
  'Runs a query that answers true or false as each of these people: a letter each, t, f, or x where it raised.';

create or replace function realtime.answers_to_calls(calls text[], role text, claims text[]) returns text
language sql set search_path = ''
as $$
  select '[' || array_to_string(realtime.ask_as_each(
    (select 'select array_to_json(array[' || string_agg(call || '::text', ', ') || '])' from unnest(calls) as c (call)),
    '{}', role, claims), ',', 'null') || ']'
$$;
comment on function realtime.answers_to_calls is
  'What functions without arguments (auth.uid(), …) answer to each of these people: JSON, a list of texts each, null where one raised.';

create or replace function realtime.decide_jointly(query text, key text[], role text, answers text[], people int) returns text
language plpgsql set search_path = pg_catalog, public, extensions
as $$
declare
  found text;
begin
  perform set_config('role', role, true), set_config('request.headers', '{}', true);
  execute query into found using key, answers, people;
  perform set_config('role', 'none', true);
  return coalesce(found, '');
end
$$;
comment on function realtime.decide_jointly is
  'Runs a query that says who of many people of a role may see something (see changes/probes.ts): their numbers, from 1, with commas.';

revoke all on function realtime.place_probe, realtime.authorize, realtime.ask_as_each, realtime.decide,
  realtime.answers_to_calls, realtime.decide_jointly, realtime.maintain_partitions
  from public, anon, authenticated, service_role;
grant execute on function realtime.place_probe, realtime.authorize, realtime.ask_as_each, realtime.decide,
  realtime.answers_to_calls, realtime.decide_jointly to authenticator;
-- authorize() and those that decide call nothing of this schema after they became somebody else.

-- Changes of the schema travel in the WAL too: what the service remembers of policies and columns ends with that commit.
create or replace function realtime.watch_ddl() returns event_trigger
language plpgsql set search_path = ''
as $$
begin
  perform pg_catalog.pg_logical_emit_message(true, 'realtime:ddl', tg_tag);
end
$$;
do $$
begin
  if not exists (select from pg_event_trigger where evtname = 'realtime_watch_ddl') then
    create event trigger realtime_watch_ddl on ddl_command_end execute function realtime.watch_ddl();
    create event trigger realtime_watch_drop on sql_drop execute function realtime.watch_ddl();
  end if;
exception when insufficient_privilege then
  raise notice 'without superuser rights, schema changes reach realtime after a few minutes only';
end
$$;
