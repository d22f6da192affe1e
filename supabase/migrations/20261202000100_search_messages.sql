-- Searching messages, one round trip, newest first. It looks at the newest hour, at hours, days, weeks, a year and at everything
-- until a page is full, so that a common word is as quick as a rare one; and it stops after a while wherever it is, and says so.

do $$
declare
  definition text := pg_get_functiondef('private.refusal'::regproc);
  last_line text := E'\n  ) as catalogue (code, status, message, hint)';
begin
  if position(last_line in definition) = 0 then
    raise 'private.refusal is not what it was';
  end if;
  execute replace(definition, last_line, $refusals$,
    ('search_empty', 'PT422', 'There is nothing to search for.', 'Enter a word, or a filter such as from: or in:.'),
    ('search_too_long', 'PT422', 'A search can have 20 words, 200 characters in each, and 20 people or places.', 'Leave something out.'),
    ('search_invalid', 'PT422', 'This is not a search.', 'Terms are {text, prefix, not}; has is link, file or reaction.'),
    ('search_too_slow', 'PT503', 'This search takes too long.', 'Add a word, a person, a channel or a date.')$refusals$
    || last_line);
end
$$;

create type private.search_query as (keys text[], selective boolean, prefixes text[], wanted text[], unwanted text[]);
comment on type private.search_query is
  'The terms of a search: parts of a tsquery, whether one of them is a whole word, parts with beginnings of words (which read much of the index), and patterns for what the index cannot tell.';

create function private.search_terms(terms jsonb) returns private.search_query
language plpgsql immutable set search_path = ''
as $$
declare
  asked private.search_query := ('{}', false, '{}', '{}', '{}');
  sign text := '[' || private.unspaced() || ']';
  term jsonb;
  folded text;
  word text;
  last_word text;
  pattern text;
  is_prefix boolean;
begin
  if jsonb_typeof(terms) is distinct from 'array' then
    perform private.fail('search_invalid');
  elsif jsonb_array_length(terms) > 20 then
    perform private.fail('search_too_long');
  end if;
  for term in select value from jsonb_array_elements(terms) loop
    if jsonb_typeof(term) <> 'object' or jsonb_typeof(term -> 'text') is distinct from 'string'
      or jsonb_typeof(coalesce(term -> 'prefix', 'false')) <> 'boolean' or jsonb_typeof(coalesce(term -> 'not', 'false')) <> 'boolean' then
      perform private.fail('search_invalid');
    elsif char_length(term ->> 'text') > 200 then
      perform private.fail('search_too_long');
    end if;
    folded := private.search_fold(term ->> 'text');
    continue when folded = '';
    -- Two letters begin too many words; they are one. Where every sign is looked for, the end is open anyway.
    last_word := substring(folded from '[^\s' || private.unspaced() || ']+$');
    is_prefix := coalesce((term ->> 'prefix')::boolean and char_length(last_word) > 2, false);
    pattern := '%' || case when folded ~ ('^' || sign) then '' else ' ' end || folded
      || case when is_prefix or folded ~ (sign || '$') then '' else ' ' end || '%';
    if coalesce((term ->> 'not')::boolean, false) then
      if is_prefix or folded ~ ('\s|' || sign) then
        asked.unwanted := asked.unwanted || pattern;
      else
        asked.keys := asked.keys || format('!''%s''', folded);
      end if;
      continue;
    end if;

    if is_prefix or folded ~ ('\s|' || sign) then
      asked.wanted := asked.wanted || pattern;
    end if;
    foreach word in array private.search_words(folded) loop
      -- The last sign of a run, which the message may go on after; one that stands alone is the first of a pair.
      if word ~ ('^' || sign || '$') then
        if folded ~ ('(^|[^' || private.unspaced() || '])' || word || '($|[^' || private.unspaced() || '])') then
          asked.prefixes := asked.prefixes || format('''%s'':*', word);
        end if;
      elsif is_prefix and word = last_word then
        asked.prefixes := asked.prefixes || format('''%s'':*', word);
      else
        asked.keys := asked.keys || format('''%s''', word);
        asked.selective := true;
      end if;
    end loop;
  end loop;
  return asked;
end
$$;
comment on function private.search_terms is
  'Terms [{text, prefix, not}] as parts of a query; a text of several words is a phrase. Errors: search_invalid, search_too_long.';

create function private.search_places(workspace_id uuid, names text[]) returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  me uuid := private.person_id();
  is_guest boolean := private.my_role(search_places.workspace_id) = 'guest';
begin
  return array(
    select c.id
    from public.channels c
    where c.workspace_id = search_places.workspace_id
      and (
        c.id in (select a.channel_id from private.channel_access a where a.user_id = me)
        or (c.kind = 'public' and not is_guest)
      )
      and (
        names is null
        or '#' || lower(c.name) = any (names)
        or (c.kind = 'direct' and c.id in (
          select d.channel_id
          from public.profiles p
          join private.direct_conversations d
            on d.workspace_id = search_places.workspace_id
            and d.direct_key = array_to_string(array(
              select distinct person from unnest(array[me, p.id]) as pair (person) order by person), ',')
          where '@' || p.handle = any (names)))
      )
  );
end
$$;
comment on function private.search_places is
  'Channels of a workspace whose messages the caller may read; of those with these names ("#channel", "@person" for the conversation with that person). Missing and hidden ones are the same: not there.';

create function private.search_authors(handles text[]) returns uuid[]
language sql stable set search_path = ''
as $$
  -- Nobody with this handle is somebody who wrote nothing: it takes as long, whether the person exists or not.
  select coalesce(
    (select array_agg(p.id) from public.profiles p where p.handle = any (handles)),
    array['00000000-0000-0000-0000-000000000000'::uuid])
$$;
comment on function private.search_authors is 'The people with these handles.';

create function private.search_spans(top bigint)
returns table (step int, keys text, low timestamptz, high timestamptz)
language sql immutable set search_path = ''
as $$
  with steps (step, level, shift, oldest, newest) as (
    values
      (1, 0, 12, top >> 12, top >> 12),
      -- Each to where the next longer span begins, the one before it included: eight times as far as the step before.
      (2, 0, 12, ((top >> 15) - 1) << 3, (top >> 12) - 1),
      (3, 1, 15, ((top >> 18) - 1) << 3, (top >> 15) - 2),
      (4, 2, 18, ((top >> 21) - 1) << 3, (top >> 18) - 2),
      (5, 3, 21, (top >> 21) - 9, (top >> 21) - 2),
      (6, 3, 21, 0, (top >> 21) - 10)
  )
  select
    s.step,
    (select '(' || string_agg(format('''#%s%s''', s.level, n), '|') || ')'
      from generate_series(greatest(s.oldest, 0), s.newest) n),
    to_timestamp(greatest(s.oldest, 0) << s.shift),
    to_timestamp((s.newest + 1) << s.shift)
  from steps s
  where s.newest >= greatest(s.oldest, 0)
  order by s.step
$$;
comment on function private.search_spans is
  'The time before a second, from the newest hour back to 1970 in growing steps: the keys of its spans, from when (inclusive) to when.';

create function private.search_messages(
  workspace_id uuid, terms jsonb, from_handles text[], not_from_handles text[], in_places text[], not_in_places text[],
  since timestamptz, until timestamptz, has text[], has_not text[], in_thread boolean,
  before_at timestamptz, before_id uuid, page_size int
) returns json
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
as $$
declare
  started timestamptz := clock_timestamp();
  role public.workspace_role := private.require_role(workspace_id, 'owner', 'admin', 'member', 'guest');
  size int := least(private.page_size(page_size), 50);
  asked private.search_query := private.search_terms(terms);
  places uuid[];
  hidden uuid[] := '{}';
  authors uuid[];
  others uuid[];
  by_place boolean;
  parts text[];
  keys tsquery;
  span record;
  page public.messages[] := '{}';
  next_at timestamptz;
  next_id uuid;
begin
  if greatest(cardinality(from_handles), cardinality(not_from_handles), cardinality(in_places), cardinality(not_in_places)) > 20 then
    perform private.fail('search_too_long');
  elsif not (has || has_not) <@ array['link', 'file', 'reaction'] then
    perform private.fail('search_invalid');
  elsif cardinality(asked.keys || asked.prefixes || asked.wanted || asked.unwanted) = 0
    and in_thread is null and since is null and until is null
    and coalesce(cardinality(from_handles || not_from_handles || in_places || not_in_places || has || has_not), 0) = 0 then
    perform private.fail('search_empty');
  end if;

  parts := asked.keys;
  places := private.search_places(workspace_id, nullif(in_places, '{}'));
  if not_in_places <> '{}' then
    hidden := private.search_places(workspace_id, not_in_places);
    places := array(select unnest(places) except select unnest(hidden));
  end if;
  -- Few messages are quickly found by their channels. Where one may read much of what there is, every channel would be one more
  -- list to go through, and it is looked at afterwards.
  by_place := cardinality(places) <= 64 and 8 * (
    select sum(h.last_rev) from public.channel_heads h where h.channel_id = any (places)
  ) < (select c.reltuples from pg_catalog.pg_class c where c.oid = 'public.messages'::regclass);
  if by_place then
    parts := parts || (select '(' || string_agg(format('''#c%s''', uuid_hash(p)), '|') || ')' from unnest(places) p);
  end if;
  if from_handles <> '{}' then
    authors := private.search_authors(from_handles);
    parts := parts || (select '(' || string_agg(format('''#u%s''', uuid_hash(a)), '|') || ')' from unnest(authors) a);
  end if;
  if not_from_handles <> '{}' then
    others := private.search_authors(not_from_handles);
  end if;
  parts := parts
    || array(select format('''#%s''', kind) from unnest(has) kind)
    || array(select format('!''#%s''', kind) from unnest(has_not) kind)
    || case when in_thread then '''#thread''' when not in_thread then '!''#thread''' end;
  parts := array_remove(parts, null);

  for span in
    select * from private.search_spans(floor(extract(epoch from greatest('epoch', least(
      until, before_at,
      greatest(now(), (select max(h.last_message_at) from public.channel_heads h where h.channel_id = any (places)))
    ))))::bigint)
  loop
    exit when cardinality(places) = 0 or span.high <= since;
    keys := array_to_string(parts
      -- Beginnings of words are first looked for in what is new, where most of them are, without the index.
      || case when span.step > 1 then asked.prefixes end
      || case when span.step < 6 or not (asked.selective or authors is not null or by_place)
        then span.keys end,
      '&')::tsquery;
    page := page || array(
      select checked.message
      from (
        select found.message
        from (
          -- Alone, so that nothing but the index is thought of.
          select m as message
          from public.messages m
          where private.search_keys(
              m.body, m.attachments, m.channel_id, m.user_id, m.created_at,
              (m.thread_id is not null or m.reply_count > 0), (m.reactions <> '{}')
            ) @@ keys
            and m.deleted_at is null
          offset 0
        ) found
        where (found.message).channel_id in (select unnest(places))
          and (found.message).created_at >= greatest(span.low, since)
          and (found.message).created_at < least(span.high, until)
          and (before_at is null or (found.message).created_at < before_at
            or ((found.message).created_at = before_at and (found.message).id < before_id))
          and (authors is null or (found.message).user_id = any (authors))
          and (others is null or (found.message).user_id is null or (found.message).user_id <> all (others))
        order by (found.message).created_at desc, (found.message).id desc
        offset 0
      ) checked
      -- What the index cannot tell, for as few as it takes.
      where (cardinality(asked.wanted) = 0 and cardinality(asked.unwanted) = 0) or (
        select said.folded like all (asked.wanted) and not (said.folded like any (asked.unwanted))
        from (
          select ' ' || private.search_text((checked.message).body, (checked.message).attachments) || ' ' as folded
          offset 0
        ) said)
      limit size + 1 - cardinality(page)
    );
    exit when cardinality(page) > size;
    if clock_timestamp() - started > interval '1.5 seconds' and span.step < 6 then
      next_at := span.low;
      exit;
    end if;
  end loop;

  if cardinality(page) > size then
    page := page[1:size];
    next_at := (page[size]).created_at;
    next_id := (page[size]).id;
  end if;
  return json_build_object(
    'messages', (select coalesce(json_agg(m order by m.created_at desc, m.id desc), '[]') from unnest(page) m),
    'people', private.people_json(page, role = 'guest'),
    'channels', (
      select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'kind', c.kind, 'archived_at', c.archived_at)), '[]')
      from public.channels c where c.id = any (array(select m.channel_id from unnest(page) m))),
    'next', case when next_at is not null and (since is null or next_at > since)
      then json_build_object('before_at', next_at, 'before_id', next_id) end
  );
exception when query_canceled then
  perform private.fail('search_too_slow');
end
$$;
comment on function private.search_messages is 'Body of public.search_messages.';

create function public.search_messages(
  workspace_id uuid, terms jsonb default '[]', from_handles text[] default '{}', not_from_handles text[] default '{}',
  in_places text[] default '{}', not_in_places text[] default '{}', since timestamptz default null, until timestamptz default null,
  has text[] default '{}', has_not text[] default '{}', in_thread boolean default null,
  before_at timestamptz default null, before_id uuid default null, page_size int default 20
) returns json
language sql stable security invoker set search_path = ''
as $$
  select private.search_messages(
    search_messages.workspace_id, search_messages.terms, search_messages.from_handles, search_messages.not_from_handles,
    search_messages.in_places, search_messages.not_in_places, search_messages.since, search_messages.until,
    search_messages.has, search_messages.has_not, search_messages.in_thread,
    search_messages.before_at, search_messages.before_id, search_messages.page_size)
$$;
comment on function public.search_messages is
  'Messages that the caller may read and that are not deleted, newest first, by all of: terms [{text: a word or a phrase, prefix: its last word goes on, not: without it}], authors by handle, places ("#channel", "@person"), since (inclusive) and until, has link, file or reaction, in a thread or not. Returns {messages: rows, people, channels {id, name, kind, archived_at}, next: {before_at, before_id} for the page after, null at the end}. A page may be short, or empty, with a next: it has looked back to there. Errors: workspace_not_found, search_empty, search_too_long, search_invalid, search_too_slow.';

grant execute on function public.search_messages, private.search_messages to authenticated, service_role;
