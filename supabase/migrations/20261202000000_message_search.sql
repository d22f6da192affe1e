-- What makes messages findable: how a text is taken apart into words, and the one index that knows which message has which
-- words, and where, by whom and when it was said. Why it is built like this: docs/decisions/0020-search.md.

create function private.search_fold(value text) returns text
language plpgsql immutable strict parallel safe cost 1000 set search_path = ''
as $$
begin
  if octet_length(value) = char_length(value) then
    return btrim(regexp_replace(lower(value collate "C"), '[^a-z0-9]+', ' ', 'g'));
  end if;
  -- Accents, points and other signs above and below letters go, and what has no width.
  value := regexp_replace(
    normalize(value, NFKD),
    '[\u00AD\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFE00-\uFE0F\uFEFF]+',
    '', 'g');
  value := normalize(lower(value collate "und-x-icu"), NFC);
  value := translate(replace(replace(replace(replace(value, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), 'øđðħıłς', 'oddhilσ');
  -- What is neither letter nor digit parts words. Scripts whose vowels are signs of their own are kept whole.
  return btrim(regexp_replace(
    value collate "und-x-icu",
    '[^[:alnum:]\u0900-\u0963\u0966-\u0DFF\u0E31\u0E34-\u0E3A\u0E47-\u0E4E\u0EB1\u0EB4-\u0EBC\u0EC8-\u0ECD\u0F18-\u0FBC\u102B-\u109F\u17B4-\u17D3]+',
    ' ', 'g'));
end
$$;
comment on function private.search_fold is
  'A text as search compares it: lower case, without accents (ü is u, ß is ss), its words parted by one space each. The same for messages and for what is searched.';

create function private.unspaced() returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- Thai, Lao, Myanmar, Khmer; Japanese, Chinese and Korean with their extensions.
  select '\u0E01-\u0EFF\u1000-\u109F\u1780-\u17FF\u3005-\u3007\u3040-\u30FF\u3105-\u312F\u31F0-\u31FF\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAC00-\uD7AF\uF900-\uFAFF\U00020000-\U0003FFFF'
$$;
comment on function private.unspaced is
  'Signs of scripts that do not part words with spaces, or hang particles on them, for the inside of a bracket expression.';

create function private.search_words(folded text) returns text[]
language plpgsql immutable strict parallel safe cost 1000 set search_path = ''
as $$
declare
  sign text;
begin
  if octet_length(folded) > char_length(folded) then
    sign := '[' || private.unspaced() || ']';
    if folded ~ sign then
      -- Pairs of signs that stand beside each other, first from the first sign of each run on, then from its second.
      folded := regexp_replace(folded, '(' || sign || '{1,2})', ' \1 ', 'g') || ' ' || regexp_replace(
        regexp_replace(folded, '(^|[^' || private.unspaced() || '])' || sign, '\1 ', 'g'),
        '(' || sign || '{1,2})', ' \1 ', 'g');
    end if;
  end if;
  if octet_length(folded) > 800 then
    -- An index takes no word of any length; of a longer one (a key, a picture as text) the beginning is found.
    folded := regexp_replace(folded, '(\S{200})\S+', '\1', 'g');
  end if;
  return array_remove(string_to_array(folded, ' '), '');
end
$$;
comment on function private.search_words is
  'The words of a folded text, cut to 200 characters. Scripts without spaces give every two signs that stand beside each other, and the last one alone.';

create function private.search_text(body text, attachments jsonb) returns text
language plpgsql immutable parallel safe cost 1000 set search_path = ''
as $$
begin
  -- Every change of a message (a reaction too) indexes it again: what that costs must have an end.
  body := left(body, 10000);
  if attachments <> '[]' then
    body := body || E'\n' || left(jsonb_path_query_array(attachments, 'lax $[*].name')::text, 5500);
  end if;
  return private.search_fold(body);
end
$$;
comment on function private.search_text is
  'What is found of a message, folded: the first 10,000 characters of its text, and the names of its files.';

create function private.search_keys(
  body text, attachments jsonb, channel_id uuid, user_id uuid, created_at timestamptz, in_thread boolean, has_reactions boolean
) returns tsvector
language plpgsql immutable parallel safe cost 10000 set search_path = ''
as $$
declare
  moment bigint := floor(extract(epoch from created_at));
  keys text[];
begin
  if attachments = '[]' and octet_length(body) <= 800 and octet_length(body) = char_length(body) then
    -- The same as below for most messages, without three calls.
    keys := array_remove(string_to_array(regexp_replace(lower(body collate "C"), '[^a-z0-9]+', ' ', 'g'), ' '), '');
  else
    keys := private.search_words(private.search_text(body, attachments));
  end if;
  -- No word has a "#". Times are spans of 2^12, 2^15, 2^18 and 2^21 seconds: an hour, nine hours, three days, three weeks.
  keys := keys || array[
    '#c' || uuid_hash(channel_id), '#0' || (moment >> 12), '#1' || (moment >> 15), '#2' || (moment >> 18), '#3' || (moment >> 21)];
  if user_id is not null then
    keys := keys || ('#u' || uuid_hash(user_id));
  end if;
  if in_thread then
    keys := keys || '#thread'::text;
  end if;
  if has_reactions then
    keys := keys || '#reaction'::text;
  end if;
  if attachments <> '[]' then
    keys := keys || '#file'::text;
  end if;
  if position('://' in body) > 0 and body ~* '\mhttps?://[^\s/]' then
    keys := keys || '#link'::text;
  end if;
  return array_to_tsvector(keys);
end
$$;
comment on function private.search_keys is
  'What messages_search_idx knows of a message: its words, and beside them channel, author, when, and whether it is in a thread or has a link, files or reactions.';

-- Whoever writes a message computes its keys, with their own rights.
grant execute on function
  private.search_fold, private.unspaced, private.search_words, private.search_text, private.search_keys
to authenticated, service_role;

-- New messages wait in a list that every search reads, and are sorted in many at once. A short list: searches ask several times.
create index messages_search_idx on public.messages using gin (private.search_keys(
  body, attachments, channel_id, user_id, created_at, (thread_id is not null or reply_count > 0), (reactions <> '{}')
)) with (fastupdate = on, gin_pending_list_limit = 1024)
where deleted_at is null;
-- Nobody plans by how often a word occurs; finding that out would take every ANALYZE a second.
alter index public.messages_search_idx alter column 1 set statistics 0;
