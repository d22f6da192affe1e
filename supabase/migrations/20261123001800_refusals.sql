-- The one catalogue of refusals again, with those of accounts, sessions and single sign-on. A second way to refuse keeps what was
-- done: a wrong code has to be counted, and an exception would undo the counting.

create function private.refusal(code text, out status text, out message text, out hint text)
language plpgsql immutable set search_path = ''
as $$
begin
  select catalogue.status, catalogue.message, catalogue.hint into strict status, message, hint
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
    ('invitation_for_other_email', 'PT403', 'This invitation is for another e-mail address.', 'Sign in with the address that was invited.'),
    ('session_not_enough', 'PT403', 'This sign-in is not enough here.', 'Sign in again, with your second factor or your company''s single sign-on if it is asked for.'),
    ('second_factor_needed', 'PT403', 'This needs a sign-in with a second factor.', 'Set up or confirm two-factor authentication, then try again.'),
    ('sso_needed', 'PT403', 'This needs a sign-in through the company''s single sign-on.', 'Sign out, sign in through single sign-on, then try again.'),
    ('session_not_found', 'PT404', 'There is no such session, or it is not yours.', 'It may have ended already; reload the list.'),
    ('recovery_code_wrong', 'PT422', 'This recovery code is not valid.', 'Check the code; each can be used once.'),
    ('too_many_tries', 'PT429', 'Too many wrong codes.', 'Wait a quarter of an hour, then try again.'),
    ('deactivated', 'PT403', 'Your membership of this workspace is deactivated.', 'Ask an admin of the workspace.'),
    ('connection_not_found', 'PT404', 'There is no such single sign-on connection.', 'Reload the list of connections.'),
    ('domain_invalid', 'PT422', 'This is not an e-mail domain.', 'Enter a domain such as example.com.'),
    ('domain_taken', 'PT409', 'Another connection has this domain already.', 'Remove it there first.')
  ) as catalogue (code, status, message, hint)
  where catalogue.code = refusal.code;
end
$$;
comment on function private.refusal is
  'The catalogue of refusals: sqlstate, sentence and what to do. A code that is not in it is a mistake and raises.';

create or replace function private.fail(code text) returns void
language plpgsql set search_path = ''
as $$
declare
  refusal record := private.refusal(code);
begin
  raise exception using
    errcode = refusal.status, message = refusal.message, detail = code, hint = refusal.hint;
end
$$;
comment on function private.fail is
  'Refuses, with a sentence, what to do about it (hint) and a stable code (detail). A sqlstate PTxyz becomes HTTP status xyz. Every refusal of the schema is in private.refusal.';

create function private.refuse_and_keep(code text) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  refusal record := private.refusal(code);
begin
  perform set_config('response.status', substr(refusal.status, 3), true);
  return jsonb_build_object(
    'code', refusal.status, 'message', refusal.message, 'details', code, 'hint', refusal.hint);
end
$$;
comment on function private.refuse_and_keep is
  'What a function returns to refuse without undoing what it did: over HTTP it looks like private.fail.';
