-- What every later migration stands on: nothing is open unless it is granted, a schema that the API does not expose,
-- the one catalogue of refusals, and the rules for texts that people type.

-- Supabase opens new objects of `public` to the API roles. Here each table and function says itself who may use it.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
-- PostgreSQL's own default lets everybody execute a new function; it can be revoked only for all schemas at once.
alter default privileges revoke execute on functions from public;
revoke create on schema public from public;

create schema private;
comment on schema private is
  'Helpers of the schema public: access tables that policies read, trigger functions, and the security definer bodies of public functions. Never exposed by the API.';
-- anon holds no table here: it needs the schema only to reach private.preview_invitation through its public wrapper.
grant usage on schema private to anon, authenticated, service_role;

-- Refusals ------------------------------------------------------------------------------------------------------------

create function private.fail(code text) returns void
language plpgsql set search_path = ''
as $$
declare
  refusal record;
begin
  select * into strict refusal
  from (values
    ('empty_message', 'PT422', 'A message needs at least one visible character.', 'Write something, then send it again.'),
    ('message_too_long', 'PT422', 'A message can have 40,000 characters at most.', 'Shorten it or send it in parts.'),
    ('message_id_taken', '23505', 'This id belongs to another message.', 'Send the message with a new id.'),
    ('message_not_found', 'PT404', 'There is no such message, or you cannot see it.', 'It may have been deleted; reload the conversation.'),
    ('thread_not_found', 'PT404', 'There is no such thread in this channel.', 'Reply to a message of the timeline that still exists.'),
    ('too_many_reactions', 'PT409', 'This message has as many different reactions as it can take.', 'Use one of the reactions it already has.'),
    ('emoji_invalid', 'PT422', 'A reaction is one emoji.', 'Pick an emoji from the list.'),
    ('channel_not_found', 'PT404', 'There is no such channel, or you cannot see it.', 'Ask a member of the channel to add you.'),
    ('channel_archived', 'PT409', 'This channel is archived and can only be read.', 'Unarchive the channel first.'),
    ('channel_name_taken', 'PT409', 'A channel of this workspace already has this name; it may be private or archived.', 'Choose another name.'),
    ('channel_name_reserved', 'PT422', 'This name is kept for mentions.', 'Choose another name.'),
    ('channel_name_invalid', 'PT422', 'A channel name has letters, digits, hyphens, underscores and dots only.', 'Remove spaces and other signs from the name.'),
    ('name_blank', 'PT422', 'A name needs at least one visible character.', 'Enter a name.'),
    ('name_too_long', 'PT422', 'This name is longer than 80 characters.', 'Choose a shorter name.'),
    ('text_too_long', 'PT422', 'This text is too long.', 'Shorten it.'),
    ('workspace_not_found', 'PT404', 'There is no such workspace, or you are not in it.', 'Ask one of its admins for an invitation.'),
    ('workspace_slug_taken', 'PT409', 'Another workspace already has this address.', 'Choose another address.'),
    ('workspace_slug_reserved', 'PT422', 'This address is kept for the application itself.', 'Choose another address.'),
    ('workspace_slug_invalid', 'PT422', 'An address has 2 to 48 lower-case letters, digits and single hyphens.', 'Remove spaces and other signs from the address.'),
    ('not_a_member', 'PT403', 'You are not a member of this channel.', 'Join the channel first.'),
    ('already_member', 'PT409', 'This person is already a member.', 'No invitation is needed.'),
    ('last_owner', 'PT409', 'A workspace needs at least one owner.', 'Make somebody else an owner first.'),
    ('not_allowed', 'PT403', 'Your role does not allow this.', 'Ask an admin of the workspace.'),
    ('person_not_found', 'PT404', 'There is no such person in this workspace.', 'Invite the person first.'),
    ('too_many_people', 'PT422', 'A group conversation has 20 people at most.', 'Create a channel instead.'),
    ('handle_taken', 'PT409', 'Somebody else already has this handle.', 'Choose another handle.'),
    ('handle_invalid', 'PT422', 'A handle has 1 to 32 lower-case letters, digits, dots, hyphens and underscores, and is not a word kept for mentions.', 'Choose another handle.'),
    ('avatar_url_invalid', 'PT422', 'An avatar is a web address.', 'Use an address that starts with https://.'),
    ('time_zone_invalid', 'PT422', 'This time zone is not known.', 'Use a name such as Europe/Vienna.'),
    ('locale_invalid', 'PT422', 'This language is not known.', 'Use a tag such as en or pt-BR.'),
    ('email_invalid', 'PT422', 'This is not an e-mail address.', 'Check the address.'),
    ('invitation_invalid', 'PT422', 'An invitation has at least one use and expires within a year.', 'Change its number of uses or its duration.'),
    ('invitation_not_found', 'PT404', 'There is no such invitation.', 'Check the link, or ask for a new invitation.'),
    ('invitation_expired', 'PT410', 'This invitation has expired.', 'Ask for a new invitation.'),
    ('invitation_used_up', 'PT410', 'This invitation has been used as often as it may be.', 'Ask for a new invitation.'),
    ('invitation_revoked', 'PT410', 'This invitation was withdrawn.', 'Ask for a new invitation.'),
    ('invitation_for_other_email', 'PT403', 'This invitation is for another e-mail address.', 'Sign in with the address that was invited.')
  ) as catalogue (code, status, message, hint)
  where catalogue.code = fail.code;

  raise exception using
    errcode = refusal.status, message = refusal.message, detail = refusal.code, hint = refusal.hint;
end
$$;
comment on function private.fail is
  'Refuses, with a sentence, what to do about it (hint) and a stable code (detail). A sqlstate PTxyz becomes HTTP status xyz. Every refusal of the schema is in this list.';

-- Texts ---------------------------------------------------------------------------------------------------------------

create function private.is_visible(value text) returns boolean
language sql immutable strict parallel safe set search_path = ''
as $$
  select value ~ (
    '[^\u0001-\u0020\u007F-\u00A0\u00AD\u034F\u061C\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F\u2000-\u200F\u2028-\u202F'
    || '\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]'
  )
$$;
comment on function private.is_visible is
  'Whether a text has a character that leaves ink: not only spaces, controls, zero-width, bidirectional or filler characters.';

create function private.clean_line(value text) returns text
language sql immutable strict parallel safe set search_path = ''
as $$
  -- Joiners stay (emoji and several scripts need them); what reorders or hides its neighbours goes.
  select btrim(regexp_replace(
    regexp_replace(normalize(value, NFC), '[\u0001-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]', '', 'g'),
    '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+', ' ', 'g'
  ))
$$;
comment on function private.clean_line is
  'A text of one line as it is stored: NFC, without controls and bidirectional overrides, runs of white space as one space, trimmed.';

create function private.clean_name(value text) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  cleaned text := private.clean_line(coalesce(value, ''));
begin
  if not private.is_visible(cleaned) then
    perform private.fail('name_blank');
  elsif char_length(cleaned) > 80 then
    perform private.fail('name_too_long');
  end if;
  return cleaned;
end
$$;
comment on function private.clean_name is
  'A name as it is stored: private.clean_line, 1 to 80 characters. Errors: name_blank, name_too_long.';

create function private.clean_text(value text, max_length int) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  cleaned text := private.clean_line(value);
begin
  if char_length(cleaned) > max_length then
    perform private.fail('text_too_long');
  end if;
  return cleaned;
end
$$;
comment on function private.clean_text is
  'A short text as it is stored: private.clean_line, at most max_length characters, null stays null. Error: text_too_long.';

create function private.ascii_words(value text, separator text) returns text
language sql immutable strict parallel safe set search_path = ''
as $$
  select btrim(regexp_replace(
    regexp_replace(lower(normalize(value, NFKD)), '[\u0300-\u036F]', '', 'g'),
    '[^a-z0-9]+', separator, 'g'
  ), separator)
$$;
comment on function private.ascii_words is
  'Lower-case ASCII words of a text, joined by a separator, accents removed: what addresses and handles are derived from. Empty for texts in other scripts.';

create function private.escape_like(value text) returns text
language sql immutable strict parallel safe set search_path = ''
as $$ select replace(replace(replace(value, '\', '\\'), '%', '\%'), '_', '\_') $$;
comment on function private.escape_like is 'A text that means itself inside a LIKE pattern.';

create function private.page_size(wanted int) returns int
language sql immutable parallel safe set search_path = ''
as $$ select least(greatest(coalesce(wanted, 50), 1), 200) $$;
comment on function private.page_size is 'Rows of a page: what was asked for, from 1 to 200.';

create function private.touch_updated_at() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function private.touch_updated_at is 'Trigger: keeps updated_at.';

-- Runs as whoever writes a row whose table checks it; all other functions of this schema run inside of definers.
grant execute on function private.is_visible to authenticated, service_role;
