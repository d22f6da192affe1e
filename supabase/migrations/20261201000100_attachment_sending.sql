-- A message is sent with its files, all of it or nothing: `attachments` of a new message is a list of ids, which the trigger that
-- places the message replaces by what a timeline draws. A message without files pays one comparison for it.

grant insert (attachments) on public.messages to authenticated;
comment on column public.messages.attachments is
  'Files as a timeline draws them, see private.attachment_json. A new message names the ids of its sender''s waiting files: ["<id>", …].';

create function private.take_attachments(message public.messages, person uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  ids uuid[];
  found_ids uuid[];
  moment timestamptz := clock_timestamp();
  files jsonb;
begin
  if jsonb_typeof(message.attachments) is distinct from 'array'
    or exists (
      select from jsonb_array_elements(message.attachments) e
      where jsonb_typeof(e) <> 'string' or e #>> '{}' !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
  then
    perform private.fail('attachment_not_found');
  end if;
  select array_agg(e::uuid order by place) into ids
  from jsonb_array_elements_text(message.attachments) with ordinality as given (e, place);
  if cardinality(ids) > 20 then
    perform private.fail('too_many_attachments');
  end if;

  select array_agg(taken.id) into found_ids
  from (
    select a.id from public.attachments a
    where a.id = any (ids) and a.user_id = person and a.channel_id = message.channel_id and a.message_id is null
    order by a.id for update
  ) taken;
  -- Each once: a list that names one twice is longer than what was found.
  if cardinality(found_ids) is distinct from cardinality(ids) then
    perform private.fail('attachment_not_found');
  end if;

  update public.attachments a set
    message_id = message.id,
    -- One microsecond apart: their order in the message, and nearly always one of its own in the channel.
    sent_at = moment + array_position(ids, a.id) * interval '1 microsecond',
    size = coalesce((o.metadata ->> 'size')::bigint, a.size),
    type = coalesce(lower(split_part(o.metadata ->> 'mimetype', ';', 1)), a.type)
  from storage.objects o
  where a.id = any (ids) and o.bucket_id = 'attachments' and o.name = a.path;
  select jsonb_agg(private.attachment_json(a) order by array_position(ids, a.id)) into files
  from public.attachments a
  where a.message_id = message.id;
  if jsonb_array_length(files) is distinct from cardinality(ids) then
    perform private.fail('attachment_not_uploaded');
  end if;
  return files;
end
$$;
comment on function private.take_attachments is
  'Takes the sender''s waiting files for a message that names their ids, and gives what a timeline draws of them. Errors: attachment_not_found, attachment_not_uploaded, too_many_attachments.';

do $$
declare
  change record;
  definition text;
begin
  for change in
    select * from (values
      ('private.place_message', $old$or new.body !~ '[!-~]' then$old$,
        $new$or (new.body !~ '[!-~]' and (new.attachments = '[]' or new.body <> '')) then$new$),
      -- Before the root and the head are locked: nobody who holds those waits for a file that is not sent yet.
      ('private.place_message', $old$  new.mentions := '{}';
  new.mentions_all := false;$old$, $new$  if me is not null and new.attachments <> '[]' then
    new.attachments := private.take_attachments(new, me);
  end if;
  new.mentions := '{}';
  new.mentions_all := false;$new$),
      ('private.place_message', $old$    new.attachments := '[]';
    new.edited_at := null;$old$, $new$    new.edited_at := null;$new$),
      ('private.revise_message', $old$    perform private.check_body(new.body);$old$,
        $new$    if new.attachments = '[]' or new.body <> '' then
      perform private.check_body(new.body);
    end if;$new$),
      ('private.delete_message', $old$  -- Locks in the order of everybody else: root, reactions, message, head.$old$,
        $new$  -- Locks in the order of everybody else: root, files and reactions, message, head.$new$),
      ('private.delete_message', $old$  perform from public.reactions r where r.message_id$old$,
        $new$  perform from public.attachments a where a.message_id = message.id order by a.id for update;
  perform from public.reactions r where r.message_id$new$),
      ('private.delete_message', $old$    delete from public.reactions r where r.message_id = message.id;$old$,
        $new$    delete from public.reactions r where r.message_id = message.id;
    if message.attachments <> '[]' then
      delete from public.attachments a where a.message_id = message.id;
    end if;$new$)
    ) as changes (name, before, after)
  loop
    definition := pg_get_functiondef(change.name::regproc);
    if position(change.before in definition) = 0 then
      raise '% is not what it was', change.name;
    end if;
    execute replace(definition, change.before, change.after);
  end loop;
end
$$;
comment on function private.place_message is
  'Trigger: checks a new message, takes its files, gives it its numbers and adds a reply to its root; sent again by its author it is skipped without taking any. Without a signed-in person (secret key, imports) author, times and files are as given. Errors: empty_message, message_too_long, message_id_taken, channel_not_found, not_a_member, channel_archived, thread_not_found, attachment_not_found, attachment_not_uploaded, too_many_attachments.';
