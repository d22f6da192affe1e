-- Made by npm run types from supabase/migrations. For reading only.

-- Schema public ----------------------------------------------------------------------------------------------

-- public: every member of the workspace may read and join. private: by addition only, also for admins. direct: a fixed set of people, without a name.
create type channel_kind as enum ('public', 'private', 'direct');

-- owner: everything, also other owners. admin: channels, members and guests. member: public channels and invitations. guest: only the channels they were added to.
create type workspace_role as enum ('owner', 'admin', 'member', 'guest');

-- Files of messages, and files that wait to be sent. Insert one before uploading its bytes to the bucket attachments under `path`; sending a message with its id takes it. A row that goes away takes the object in storage with it.
create table public.attachments (
  id uuid not null, -- Made by the client, UUIDv7.
  channel_id uuid not null,
  user_id uuid default private.person_id(), -- Who uploaded it; null when the account was deleted.
  message_id uuid, -- The message it was sent with; null while it waits. A waiting file is its uploader's alone and goes after a day.
  name text not null, -- As the person knows it, one line, at most 255 characters. Never part of a path.
  type text not null, -- Media type: as declared, and as stored once it is sent.
  size bigint not null, -- Bytes: as declared, and as stored once it is sent.
  width integer, -- Pixels, as it is shown; null for what has no picture.
  height integer,
  duration real, -- Seconds of sound or film.
  waveform smallint[], -- Loudness of a voice message over time, up to 100 values from 0 to 100.
  alt text, -- What a picture shows, in words, at most 1,000 characters.
  kind text not null generated always as (
CASE
    WHEN (waveform IS NOT NULL) THEN 'voice'::text
    WHEN (type ~ '^(image|video|audio)/'::text) THEN split_part(type, '/'::text, 1)
    WHEN (type = 'application/pdf'::text) THEN 'pdf'::text
    WHEN (type ~ '^text/'::text) THEN 'text'::text
    ELSE 'other'::text
END) stored, -- image, video, audio, voice, pdf, text or other: what lists are filtered by.
  path text not null generated always as ((((channel_id)::text || '/'::text) || (id)::text)) stored, -- Name of the object in the bucket attachments.
  created_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone, -- When it was sent, in the order of a message's files; null while it waits.
  PRIMARY KEY (id),
  UNIQUE (path),
  FOREIGN KEY (channel_id) REFERENCES channels(id) ON DELETE CASCADE,
  FOREIGN KEY (message_id) REFERENCES messages(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (user_id) REFERENCES profiles(id) ON DELETE SET NULL,
  CHECK (((message_id IS NULL) = (sent_at IS NULL))),
  CHECK (((width IS NULL) = (height IS NULL))),
  CHECK ((duration >= (0)::double precision)),
  CHECK ((duration <= (1000000)::double precision)) NOT VALID,
  CHECK ((height > 0)),
  CHECK ((height <= 1000000)) NOT VALID,
  CHECK ((size > 0)),
  CHECK ((cardinality(waveform) <= 100)),
  CHECK (((waveform IS NULL) OR COALESCE(((array_ndims(waveform) = 1) AND (0 <= ALL (waveform)) AND (100 >= ALL (waveform))), false))) NOT VALID,
  CHECK ((width > 0)),
  CHECK ((width <= 1000000)) NOT VALID
);
CREATE INDEX attachments_channel_id_sent_at_idx ON public.attachments USING btree (channel_id, sent_at DESC);
CREATE INDEX attachments_created_at_idx ON public.attachments USING btree (created_at) WHERE (message_id IS NULL);
CREATE INDEX attachments_message_id_idx ON public.attachments USING btree (message_id);
CREATE INDEX attachments_user_id_idx ON public.attachments USING btree (user_id);
grant delete, insert (alt, channel_id, duration, height, id, name, size, type, waveform, width), select, update (alt) on public.attachments to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.attachments to service_role;
alter table public.attachments enable row level security;
create policy select_by_reader on attachments for select to authenticated
  using (
CASE
    WHEN (message_id IS NULL) THEN ((user_id = ( SELECT private.person_id() AS person_id)) AND (EXISTS ( SELECT 1
       FROM private.channel_access a
      WHERE ((a.channel_id = attachments.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))))
    ELSE (EXISTS ( SELECT 1
       FROM channels c
      WHERE (c.id = attachments.channel_id)))
END);
create policy insert_by_member on attachments for insert to authenticated
  with check (((user_id = ( SELECT private.person_id() AS person_id)) AND (message_id IS NULL) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = attachments.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))));
create policy update_by_author on attachments for update to authenticated
  using (((user_id = ( SELECT private.person_id() AS person_id)) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = attachments.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))))
  with check ((user_id = ( SELECT private.person_id() AS person_id)));
-- What was sent goes with its message.
create policy delete_by_author on attachments for delete to authenticated
  using (((message_id IS NULL) AND (user_id = ( SELECT private.person_id() AS person_id))));
CREATE TRIGGER attachments_describe BEFORE UPDATE OF alt ON public.attachments FOR EACH ROW EXECUTE FUNCTION private.describe_attachment();
CREATE TRIGGER attachments_place BEFORE INSERT ON public.attachments FOR EACH ROW EXECUTE FUNCTION private.place_attachment();
CREATE TRIGGER attachments_remove_objects AFTER DELETE ON public.attachments REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION private.remove_objects();
CREATE TRIGGER attachments_remove_stale AFTER INSERT ON public.attachments FOR EACH STATEMENT EXECUTE FUNCTION private.remove_stale_attachments();
CREATE TRIGGER attachments_room BEFORE INSERT ON public.attachments FOR EACH ROW EXECUTE FUNCTION private.check_attachment_room();
CREATE TRIGGER attachments_show AFTER UPDATE OF alt ON public.attachments FOR EACH ROW WHEN (((old.message_id IS NOT NULL) AND (new.alt IS DISTINCT FROM old.alt))) EXECUTE FUNCTION private.show_description();

-- The counters of each channel, apart from channels because they change with every message. Not published.
create table public.channel_heads (
  channel_id uuid not null,
  last_seq bigint not null default 0, -- seq of the newest message of the timeline; unread = last_seq - last_read_seq.
  last_rev bigint not null default 0, -- rev of the newest change; a client that has it is complete.
  min_rev bigint not null default 0, -- A cursor below it cannot be brought up to date by channel_changes: take a fresh page.
  last_message_at timestamp with time zone, -- When the newest message of the timeline was written.
  member_count integer not null default 0,
  PRIMARY KEY (channel_id),
  FOREIGN KEY (channel_id) REFERENCES channels(id) ON DELETE CASCADE
) with (fillfactor=40, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=200);
grant select on public.channel_heads to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.channel_heads to service_role;
alter table public.channel_heads enable row level security;
create policy select_by_member on channel_heads for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = channel_heads.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))));

-- Who is in a channel. The keys make sure that they are in its workspace, and that who leaves the workspace leaves its channels.
create table public.channel_members (
  channel_id uuid not null,
  user_id uuid not null,
  workspace_id uuid not null,
  joined_at timestamp with time zone not null default now(),
  muted_at timestamp with time zone, -- Since when the person does not want to hear of it; null: not muted.
  starred_at timestamp with time zone, -- Since when the person keeps it on top; null: not starred.
  PRIMARY KEY (channel_id, user_id),
  FOREIGN KEY (workspace_id, channel_id) REFERENCES channels(workspace_id, id) ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, user_id) REFERENCES workspace_members(workspace_id, user_id) ON DELETE CASCADE
);
CREATE INDEX channel_members_workspace_id_channel_id_idx ON public.channel_members USING btree (workspace_id, channel_id);
CREATE INDEX channel_members_workspace_id_user_id_idx ON public.channel_members USING btree (workspace_id, user_id);
alter publication supabase_realtime add table public.channel_members;
grant select, update (muted_at, starred_at) on public.channel_members to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.channel_members to service_role;
alter table public.channel_members enable row level security;
-- @realtime scope=channel_id depends=private.channel_access(user_id,channel_id);private.account_changes(user_id)
create policy select_by_member on channel_members for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = channel_members.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))));
create policy update_by_self on channel_members for update to authenticated
  using ((user_id = ( SELECT private.person_id() AS person_id)))
  with check ((user_id = ( SELECT private.person_id() AS person_id)));
CREATE TRIGGER channel_members_access AFTER INSERT OR DELETE ON public.channel_members FOR EACH ROW EXECUTE FUNCTION private.keep_channel_access();
CREATE TRIGGER channel_members_lock BEFORE DELETE ON public.channel_members FOR EACH ROW EXECUTE FUNCTION private.lock_channel_head();

-- Places to talk in. What changes with every message is in channel_heads, so that this table stays quiet.
create table public.channels (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null,
  kind channel_kind not null,
  name text, -- Lower case, without white space; unique in the workspace, archived ones included. Null for direct.
  topic text not null default ''::text,
  purpose text not null default ''::text,
  created_by uuid,
  default_at timestamp with time zone, -- Since when newcomers (not guests) join it by themselves; null: they do not.
  archived_at timestamp with time zone, -- From then on it can only be read.
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  PRIMARY KEY (id),
  UNIQUE (workspace_id, id),
  FOREIGN KEY (created_by) REFERENCES profiles(id) ON DELETE SET NULL,
  FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE,
  CHECK (((kind = 'direct'::channel_kind) = (name IS NULL))),
  CHECK (((kind = 'public'::channel_kind) OR (default_at IS NULL))),
  CHECK (((kind <> 'direct'::channel_kind) OR (archived_at IS NULL))),
  CHECK ((private.is_visible(name) AND (char_length(name) <= 80))),
  CHECK ((char_length(purpose) <= 250)),
  CHECK ((char_length(topic) <= 250))
);
CREATE INDEX channels_created_by_idx ON public.channels USING btree (created_by);
CREATE UNIQUE INDEX channels_workspace_id_name_idx ON public.channels USING btree (workspace_id, lower(name)) WHERE (name IS NOT NULL);
alter publication supabase_realtime add table public.channels;
grant select, update (name, purpose, topic) on public.channels to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.channels to service_role;
alter table public.channels enable row level security;
-- @realtime scope=id,kind,workspace_id depends=private.channel_access(user_id);private.workspace_access(user_id);private.account_changes(user_id)
create policy select_by_member on channels for select to authenticated
  using (((EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = channels.id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))) OR ((kind = 'public'::channel_kind) AND (EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = channels.workspace_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)) AND (a.role <> 'guest'::workspace_role)))))));
-- Members (not guests) change topic and purpose; that a name is changed by its creator or an admin only is the trigger's business.
create policy update_by_member on channels for update to authenticated
  using (((kind <> 'direct'::channel_kind) AND (EXISTS ( SELECT 1
   FROM (private.workspace_access w
     LEFT JOIN private.channel_access c ON (((c.channel_id = channels.id) AND (c.user_id = w.user_id))))
  WHERE ((w.workspace_id = channels.workspace_id) AND (w.user_id = ( SELECT private.person_id() AS person_id)) AND (w.role <> 'guest'::workspace_role) AND ((c.user_id IS NOT NULL) OR ((channels.kind = 'public'::channel_kind) AND (w.role = ANY (ARRAY['owner'::workspace_role, 'admin'::workspace_role])))))))))
  with check (((kind <> 'direct'::channel_kind) AND (EXISTS ( SELECT 1
   FROM (private.workspace_access w
     LEFT JOIN private.channel_access c ON (((c.channel_id = channels.id) AND (c.user_id = w.user_id))))
  WHERE ((w.workspace_id = channels.workspace_id) AND (w.user_id = ( SELECT private.person_id() AS person_id)) AND (w.role <> 'guest'::workspace_role) AND ((c.user_id IS NOT NULL) OR ((channels.kind = 'public'::channel_kind) AND (w.role = ANY (ARRAY['owner'::workspace_role, 'admin'::workspace_role])))))))));
CREATE TRIGGER channels_check BEFORE INSERT OR UPDATE ON public.channels FOR EACH ROW EXECUTE FUNCTION private.check_channel();
CREATE TRIGGER channels_create_head AFTER INSERT ON public.channels FOR EACH ROW EXECUTE FUNCTION private.create_channel_head();

-- What people have begun to write: upsert on (user_id, channel_id, thread_id). An empty body is no draft; clearing by it reaches other devices under row-level security, which a delete would not.
create table public.drafts (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null default private.person_id(),
  channel_id uuid not null,
  thread_id uuid, -- The root whose thread the reply is for; null for the timeline. No reference: an error must not tell which messages exist.
  body text not null default ''::text,
  updated_at timestamp with time zone not null default now(),
  PRIMARY KEY (id),
  UNIQUE NULLS NOT DISTINCT (user_id, channel_id, thread_id),
  FOREIGN KEY (channel_id, user_id) REFERENCES channel_members(channel_id, user_id) ON DELETE CASCADE,
  CHECK ((char_length(body) <= 40000))
);
CREATE INDEX drafts_channel_id_user_id_idx ON public.drafts USING btree (channel_id, user_id);
alter publication supabase_realtime add table public.drafts;
grant delete, insert (body, channel_id, thread_id, user_id), select, update (body, channel_id, thread_id, user_id) on public.drafts to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.drafts to service_role;
alter table public.drafts enable row level security;
-- @realtime scope=user_id depends=private.account_changes(user_id)
create policy select_by_self on drafts for select to authenticated
  using ((user_id = ( SELECT private.person_id() AS person_id)));
create policy insert_by_self on drafts for insert to authenticated
  with check (((user_id = ( SELECT private.person_id() AS person_id)) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = drafts.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))));
create policy update_by_self on drafts for update to authenticated
  using ((user_id = ( SELECT private.person_id() AS person_id)))
  with check (((user_id = ( SELECT private.person_id() AS person_id)) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = drafts.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))));
create policy delete_by_self on drafts for delete to authenticated
  using ((user_id = ( SELECT private.person_id() AS person_id)));
CREATE TRIGGER drafts_touch BEFORE UPDATE ON public.drafts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();

-- Ways into a workspace. The code of the link is shown once, by create_invitation; only its hash is kept, in private.invitation_codes.
create table public.invitations (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null,
  created_by uuid,
  role workspace_role not null default 'member'::workspace_role,
  email text, -- When set, only the account with this address may use the invitation. Lower case.
  max_uses integer, -- How many people may come with it; null: as many as like until it expires.
  uses integer not null default 0,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (id),
  FOREIGN KEY (created_by) REFERENCES profiles(id) ON DELETE SET NULL,
  FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE,
  CHECK (((uses >= 0) AND (uses <= COALESCE(max_uses, uses)))),
  CHECK (((email = lower(email)) AND ((char_length(email) >= 3) AND (char_length(email) <= 320)))),
  CHECK ((max_uses > 0)),
  CHECK ((role <> 'owner'::workspace_role))
);
CREATE INDEX invitations_created_by_idx ON public.invitations USING btree (created_by);
CREATE INDEX invitations_workspace_id_idx ON public.invitations USING btree (workspace_id);
grant select on public.invitations to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.invitations to service_role;
alter table public.invitations enable row level security;
create policy select_by_creator_or_admin on invitations for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = invitations.workspace_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)) AND ((a.role = ANY (ARRAY['owner'::workspace_role, 'admin'::workspace_role])) OR ((a.role = 'member'::workspace_role) AND (invitations.created_by = ( SELECT private.person_id() AS person_id))))))));

-- What people write, with everything a timeline draws. People insert (id, channel_id, thread_id, body) and update body; triggers do the rest. Deleting is public.delete_message, which leaves a tombstone.
create table public.messages (
  id uuid not null, -- Made by the client, UUIDv7. The same id sent again is the same message.
  channel_id uuid not null,
  user_id uuid, -- The author; null when the account was deleted.
  thread_id uuid, -- The message this one replies to (the root); null in the timeline.
  seq bigint, -- Place in the channel's timeline, dense from 1; null for replies.
  thread_seq bigint, -- Place in the thread, dense from 1; null in the timeline.
  rev bigint not null default 0, -- The channel's revision that last changed this row. Every revision is the last change of one message at most.
  body text not null, -- Markdown, at most 40,000 characters. Empty when deleted.
  mentions uuid[] not null default '{}'::uuid[], -- People of the channel (public: of the workspace) named with @handle, outside of code.
  mentions_all boolean not null default false, -- Names @channel, @here or @everyone; never in a thread.
  reactions jsonb not null default '{}'::jsonb, -- Summary of public.reactions: {"👍": ["<user id>", …]} in the order of reacting.
  attachments jsonb not null default '[]'::jsonb, -- Files as a timeline draws them, see private.attachment_json. A new message names the ids of its sender's waiting files: ["<id>", …].
  reply_count integer not null default 0, -- Replies that are not deleted.
  last_reply_at timestamp with time zone,
  last_replier_ids uuid[] not null default '{}'::uuid[], -- Up to five people who replied last, newest first.
  last_thread_seq bigint not null default 0, -- thread_seq of the newest reply.
  created_at timestamp with time zone not null default now(),
  edited_at timestamp with time zone,
  deleted_at timestamp with time zone,
  PRIMARY KEY (id),
  FOREIGN KEY (channel_id) REFERENCES channels(id) ON DELETE CASCADE,
  FOREIGN KEY (thread_id) REFERENCES messages(id) ON DELETE CASCADE,
  FOREIGN KEY (user_id) REFERENCES profiles(id) ON DELETE SET NULL
) with (fillfactor=90);
CREATE UNIQUE INDEX messages_channel_id_rev_idx ON public.messages USING btree (channel_id, rev);
CREATE UNIQUE INDEX messages_channel_id_seq_idx ON public.messages USING btree (channel_id, seq) WHERE (seq IS NOT NULL);
CREATE INDEX messages_mentions_all_idx ON public.messages USING btree (channel_id, seq) WHERE mentions_all;
CREATE INDEX messages_search_idx ON public.messages USING gin (private.search_keys(body, attachments, channel_id, user_id, created_at, ((thread_id IS NOT NULL) OR (reply_count > 0)), (reactions <> '{}'::jsonb))) WITH (fastupdate='on', gin_pending_list_limit='1024') WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX messages_thread_id_thread_seq_idx ON public.messages USING btree (thread_id, thread_seq) WHERE (thread_id IS NOT NULL);
CREATE INDEX messages_user_id_idx ON public.messages USING btree (user_id);
alter publication supabase_realtime add table public.messages;
grant insert (attachments, body, channel_id, id, thread_id), select, update (body) on public.messages to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.messages to service_role;
alter table public.messages enable row level security;
-- @realtime scope=channel_id depends=private.channel_access(user_id,channel_id);private.account_changes(user_id)
create policy select_by_member on messages for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = messages.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))));
create policy insert_by_member on messages for insert to authenticated
  with check ((EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = messages.channel_id) AND (a.user_id = messages.user_id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))));
create policy update_by_author on messages for update to authenticated
  using (((user_id = ( SELECT private.person_id() AS person_id)) AND (deleted_at IS NULL) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = messages.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))))
  with check (((user_id = ( SELECT private.person_id() AS person_id)) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = messages.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))));
CREATE TRIGGER messages_follow AFTER UPDATE ON public.messages FOR EACH ROW WHEN ((new.mentions IS DISTINCT FROM old.mentions)) EXECUTE FUNCTION private.follow_message();
CREATE TRIGGER messages_mention AFTER INSERT ON public.messages FOR EACH ROW WHEN ((new.mentions <> '{}'::uuid[])) EXECUTE FUNCTION private.follow_message();
CREATE TRIGGER messages_move_attachments AFTER UPDATE OF channel_id ON public.messages FOR EACH ROW WHEN ((new.channel_id IS DISTINCT FROM old.channel_id)) EXECUTE FUNCTION private.move_attachments();
CREATE TRIGGER messages_place BEFORE INSERT ON public.messages FOR EACH ROW EXECUTE FUNCTION private.place_message();
CREATE TRIGGER messages_revise BEFORE UPDATE ON public.messages FOR EACH ROW EXECUTE FUNCTION private.revise_message();

-- People as others see them: one row per account, made on sign-up. Holds no address.
create table public.profiles (
  id uuid not null,
  display_name text not null,
  handle text not null, -- What a mention names: @handle. Lower case, unique in the installation.
  avatar_url text,
  status_text text,
  status_emoji text,
  status_expires_at timestamp with time zone, -- From then on the status is not shown; clients compare, nothing is cleared.
  time_zone text not null default 'UTC'::text, -- Name in the IANA database, such as Europe/Vienna.
  locale text not null default 'en'::text, -- BCP 47 tag of the language of the person's interface.
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  PRIMARY KEY (id),
  UNIQUE (handle),
  FOREIGN KEY (id) REFERENCES auth.users(id) ON DELETE CASCADE,
  CHECK (((avatar_url ~ '^(https?://|/[^/])'::text) AND (char_length(avatar_url) <= 2048))),
  CHECK ((private.is_visible(display_name) AND (char_length(display_name) <= 80))),
  CHECK ((handle ~ '^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$'::text)),
  CHECK ((locale ~ '^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$'::text)),
  CHECK ((char_length(status_emoji) <= 64)),
  CHECK ((char_length(status_text) <= 100)),
  CHECK ((char_length(time_zone) <= 64))
);
alter publication supabase_realtime add table public.profiles;
grant select, update (avatar_url, display_name, handle, locale, status_emoji, status_expires_at, status_text, time_zone) on public.profiles to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.profiles to service_role;
alter table public.profiles enable row level security;
-- People who share a workspace see each other; a guest sees people only where they share a channel.
-- @realtime scope=id depends=private.workspace_access(user_id);private.workspace_access(*,user_id);private.channel_access(user_id);private.channel_access(*,user_id);private.account_changes(user_id)
create policy select_by_colleague on profiles for select to authenticated
  using (((id = ( SELECT private.person_id() AS person_id)) OR (EXISTS ( SELECT 1
   FROM (private.workspace_access mine
     JOIN private.workspace_access theirs ON ((theirs.workspace_id = mine.workspace_id)))
  WHERE ((mine.user_id = ( SELECT private.person_id() AS person_id)) AND (mine.role <> 'guest'::workspace_role) AND (theirs.user_id = profiles.id)))) OR (EXISTS ( SELECT 1
   FROM (private.channel_access mine
     JOIN private.channel_access theirs ON ((theirs.channel_id = mine.channel_id)))
  WHERE ((mine.user_id = ( SELECT private.person_id() AS person_id)) AND (theirs.user_id = profiles.id))))));
create policy update_by_self on profiles for update to authenticated
  using ((id = ( SELECT private.person_id() AS person_id)))
  with check ((id = ( SELECT private.person_id() AS person_id)));
CREATE TRIGGER profiles_check BEFORE UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION private.check_profile();

-- Emoji on messages. Insert {message_id, emoji}, delete by the same; the summary travels in messages.reactions.
create table public.reactions (
  message_id uuid not null,
  channel_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid, -- The message's channel: whatever is given, a trigger fills it in.
  user_id uuid not null default private.person_id(),
  emoji text not null, -- One emoji, or the :short_name: of a custom one.
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (message_id, user_id, emoji),
  FOREIGN KEY (channel_id) REFERENCES channels(id) ON DELETE CASCADE,
  FOREIGN KEY (message_id) REFERENCES messages(id) ON DELETE CASCADE,
  FOREIGN KEY (user_id) REFERENCES profiles(id) ON DELETE CASCADE,
  CHECK (private.is_emoji(emoji))
);
CREATE INDEX reactions_channel_id_idx ON public.reactions USING btree (channel_id);
CREATE INDEX reactions_user_id_idx ON public.reactions USING btree (user_id);
grant delete, insert (channel_id, emoji, message_id, user_id), select on public.reactions to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.reactions to service_role;
alter table public.reactions enable row level security;
create policy select_by_member on reactions for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = reactions.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))));
create policy insert_by_member on reactions for insert to authenticated
  with check (((user_id = ( SELECT private.person_id() AS person_id)) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = reactions.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))));
create policy delete_by_author on reactions for delete to authenticated
  using (((user_id = ( SELECT private.person_id() AS person_id)) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.channel_id = reactions.channel_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)))))));
CREATE TRIGGER reactions_place BEFORE INSERT ON public.reactions FOR EACH ROW EXECUTE FUNCTION private.place_reaction();
CREATE TRIGGER reactions_summarise AFTER INSERT OR DELETE ON public.reactions FOR EACH ROW EXECUTE FUNCTION private.summarise_reactions();

-- How far each person has read in each channel: one row per membership, made and deleted with it. Written by mark_read, mark_unread and by sending.
create table public.read_states (
  user_id uuid not null,
  channel_id uuid not null,
  last_read_seq bigint not null default 0, -- seq up to which everything was read. Never goes back.
  unread_from_seq bigint, -- Set by "mark unread": from this seq on messages count as unread, until they are read again.
  updated_at timestamp with time zone not null default now(),
  PRIMARY KEY (user_id, channel_id),
  FOREIGN KEY (channel_id, user_id) REFERENCES channel_members(channel_id, user_id) ON DELETE CASCADE
) with (fillfactor=70);
CREATE UNIQUE INDEX read_states_channel_id_user_id_idx ON public.read_states USING btree (channel_id, user_id);
alter publication supabase_realtime add table public.read_states;
grant select on public.read_states to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.read_states to service_role;
alter table public.read_states enable row level security;
-- @realtime scope=user_id depends=private.account_changes(user_id)
create policy select_by_self on read_states for select to authenticated
  using ((user_id = ( SELECT private.person_id() AS person_id)));

-- Which e-mail domains sign in at which identity provider, and as what people join who come that way. Belongs to the installation's first workspace; written through /api/workspaces/[id]/sso with the secret key.
create table public.sso_connections (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null,
  kind text not null,
  name text not null,
  provider text not null, -- saml: the id of Auth's SSO provider. oidc: the identifier of Auth's custom provider, which starts with custom:.
  domains text[] not null, -- Lower case, each in one connection only.
  default_role workspace_role not null default 'member'::workspace_role, -- The role of people who come for the first time.
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (id),
  UNIQUE (provider),
  FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE,
  CHECK ((default_role <> 'owner'::workspace_role)),
  CHECK (((cardinality(domains) >= 1) AND (cardinality(domains) <= 50))),
  CHECK ((kind = ANY (ARRAY['saml'::text, 'oidc'::text]))),
  CHECK ((private.is_visible(name) AND (char_length(name) <= 80))),
  CHECK (((char_length(provider) >= 1) AND (char_length(provider) <= 200)))
);
CREATE INDEX sso_connections_workspace_id_idx ON public.sso_connections USING btree (workspace_id);
grant select on public.sso_connections to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.sso_connections to service_role;
alter table public.sso_connections enable row level security;
create policy select_by_owner on sso_connections for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = sso_connections.workspace_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)) AND (a.role = 'owner'::workspace_role)))));
CREATE TRIGGER sso_connections_check BEFORE INSERT OR UPDATE ON public.sso_connections FOR EACH ROW EXECUTE FUNCTION private.check_sso_connection();
CREATE TRIGGER sso_connections_follow AFTER INSERT OR DELETE OR UPDATE ON public.sso_connections FOR EACH ROW EXECUTE FUNCTION private.follow_sso_connection();

-- Who is in a workspace, and as what. Written by functions only: create_workspace, accept_invitation, set_member_role, remove_workspace_member, leave_workspace.
create table public.workspace_members (
  workspace_id uuid not null,
  user_id uuid not null,
  role workspace_role not null default 'member'::workspace_role,
  joined_at timestamp with time zone not null default now(),
  deactivated_at timestamp with time zone, -- Since when the person is shut out: no access to the workspace and its channels, whose memberships are kept; null: not.
  PRIMARY KEY (workspace_id, user_id),
  FOREIGN KEY (user_id) REFERENCES profiles(id) ON DELETE CASCADE,
  FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE
);
CREATE INDEX workspace_members_user_id_idx ON public.workspace_members USING btree (user_id);
CREATE INDEX workspace_members_workspace_id_joined_at_idx ON public.workspace_members USING btree (workspace_id, joined_at, user_id);
alter publication supabase_realtime add table public.workspace_members;
grant select on public.workspace_members to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.workspace_members to service_role;
alter table public.workspace_members enable row level security;
-- Members see everybody of the workspace; guests see themselves and people they share a channel with.
-- @realtime scope=workspace_id,user_id depends=private.workspace_access(user_id);private.channel_access(user_id);private.channel_access(*,workspace_id,user_id);private.account_changes(user_id)
create policy select_by_member on workspace_members for select to authenticated
  using (((user_id = ( SELECT private.person_id() AS person_id)) OR (EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = workspace_members.workspace_id) AND (a.user_id = ( SELECT private.person_id() AS person_id)) AND (a.role <> 'guest'::workspace_role)))) OR (EXISTS ( SELECT 1
   FROM (private.channel_access mine
     JOIN private.channel_access theirs ON ((theirs.channel_id = mine.channel_id)))
  WHERE ((mine.user_id = ( SELECT private.person_id() AS person_id)) AND (mine.workspace_id = workspace_members.workspace_id) AND (theirs.user_id = workspace_members.user_id))))));
CREATE TRIGGER workspace_members_access AFTER INSERT OR DELETE OR UPDATE ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION private.keep_workspace_access();
CREATE TRIGGER workspace_members_ban AFTER INSERT OR DELETE OR UPDATE OF deactivated_at ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION private.follow_deactivation();
CREATE TRIGGER workspace_members_forget_reset_links AFTER INSERT ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION private.forget_reset_links();
CREATE TRIGGER workspace_members_keep_owner BEFORE DELETE OR UPDATE ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION private.keep_an_owner();

-- What a workspace asks of the sign-ins of its members; no row: nothing. Written by set_workspace_security only.
create table public.workspace_security (
  workspace_id uuid not null,
  require_two_factor boolean not null default false, -- Members need a sign-in with a second factor.
  require_sso boolean not null default false, -- Members whose address is in a domain of a connection sign in through it. Owners may always use their password, so that a broken connection locks nobody out for good.
  updated_at timestamp with time zone not null default now(),
  updated_by uuid,
  PRIMARY KEY (workspace_id),
  FOREIGN KEY (updated_by) REFERENCES profiles(id) ON DELETE SET NULL,
  FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE
);
CREATE INDEX workspace_security_updated_by_idx ON public.workspace_security USING btree (updated_by);
grant select on public.workspace_security to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.workspace_security to service_role;
alter table public.workspace_security enable row level security;
create policy select_by_member on workspace_security for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = workspace_security.workspace_id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))));

-- A company or team: the outermost thing that people, channels and messages belong to.
create table public.workspaces (
  id uuid not null default gen_random_uuid(),
  slug text not null, -- Address: /w/<slug>. Unique in the installation.
  name text not null,
  icon text, -- One emoji; null: the first letter of the name is drawn.
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  icon_url text, -- Address of a picture, drawn instead of icon; null: none.
  PRIMARY KEY (id),
  UNIQUE (slug),
  FOREIGN KEY (created_by) REFERENCES profiles(id) ON DELETE SET NULL,
  CHECK ((char_length(icon) <= 64)),
  CHECK (((icon_url ~ '^(https?://|/[^/])'::text) AND (char_length(icon_url) <= 2048))),
  CHECK ((private.is_visible(name) AND (char_length(name) <= 80))),
  CHECK (((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND ((char_length(slug) >= 2) AND (char_length(slug) <= 48))))
);
CREATE INDEX workspaces_created_by_idx ON public.workspaces USING btree (created_by);
alter publication supabase_realtime add table public.workspaces;
grant select, update (icon, icon_url, name, slug) on public.workspaces to authenticated;
grant delete, insert, maintain, references, select, trigger, truncate, update on public.workspaces to service_role;
alter table public.workspaces enable row level security;
-- @realtime scope=id depends=private.workspace_access(user_id,workspace_id);private.account_changes(user_id)
create policy select_by_member on workspaces for select to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = workspaces.id) AND (a.user_id = ( SELECT private.person_id() AS person_id))))));
create policy update_by_admin on workspaces for update to authenticated
  using ((EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = workspaces.id) AND (a.user_id = ( SELECT private.person_id() AS person_id)) AND (a.role = ANY (ARRAY['owner'::workspace_role, 'admin'::workspace_role]))))))
  with check ((EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.workspace_id = workspaces.id) AND (a.user_id = ( SELECT private.person_id() AS person_id)) AND (a.role = ANY (ARRAY['owner'::workspace_role, 'admin'::workspace_role]))))));
CREATE TRIGGER workspaces_check BEFORE INSERT OR UPDATE ON public.workspaces FOR EACH ROW EXECUTE FUNCTION private.check_workspace();

-- Makes the caller a member of the inviting workspace and, unless a guest, of its default channels. Accepting again changes nothing. Returns the row of workspaces. Errors: invitation_not_found, invitation_revoked, invitation_expired, invitation_used_up, invitation_for_other_email, deactivated, session_not_enough.
CREATE OR REPLACE FUNCTION public.accept_invitation(code text)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.accept_invitation(accept_invitation.code) $function$;
grant execute on function accept_invitation(text) to authenticated, service_role;

-- Adds people of the workspace to a channel: by its members, to a public one also by admins; never by guests, never to a direct conversation. Returns the channel as in bootstrap. Errors: channel_not_found, not_allowed, channel_archived, person_not_found.
CREATE OR REPLACE FUNCTION public.add_channel_members(channel_id uuid, user_ids uuid[])
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.add_channel_members(add_channel_members.channel_id, add_channel_members.user_ids) $function$;
grant execute on function add_channel_members(uuid,uuid[]) to authenticated, service_role;

-- Closes a channel for writing: by its creator or an admin who can read it. Returns the channel as in bootstrap. Errors: channel_not_found, not_allowed.
CREATE OR REPLACE FUNCTION public.archive_channel(channel_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.set_channel_archived(archive_channel.channel_id, true) $function$;
grant execute on function archive_channel(uuid) to authenticated, service_role;

-- Everything the app needs to start: {me: profile, workspaces: [{…, role, unread, mention_count}], workspace: {…, role, member_count} | null, channels: [mine, as private.channels_json shows them], people: [{…profile, role, deactivated_at}] (me, everybody in my direct conversations, up to 200 members), drafts: [{channel_id, thread_id, body, updated_at}], realtime: "broadcast" | null, as_of}. With since, an earlier answer's as_of for the same workspace, people are only those whose row, membership or direct conversation with me has changed since (everybody when the caller's own membership has), and member_count is left out where there are a thousand or more. Without a slug the workspace used last; null when there is none. Errors: session_not_enough; 22P02 when since is nothing that as_of was.
CREATE OR REPLACE FUNCTION public.bootstrap(workspace_slug text DEFAULT NULL::text, since text DEFAULT NULL::text)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.bootstrap(bootstrap.workspace_slug, bootstrap.since::pg_snapshot) $function$;
grant execute on function bootstrap(text,text) to authenticated, service_role;

-- Public channels that are not archived, by name: [{…row of channels, member_count, is_member}]. query: part of name, topic or purpose. Next page: after_name = the last name. Errors: workspace_not_found, not_allowed (guests).
CREATE OR REPLACE FUNCTION public.browse_channels(workspace_id uuid, query text DEFAULT ''::text, page_size integer DEFAULT 50, after_name text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select private.browse_channels(
    browse_channels.workspace_id, browse_channels.query, browse_channels.page_size, browse_channels.after_name)
$function$;
grant execute on function browse_channels(uuid,text,integer,text) to authenticated, service_role;

-- What changed in a channel since a revision, replies, edits and tombstones included: {rev: the next cursor, min_rev, messages: rows by rev, people, has_more}. When since_rev < min_rev the cursor is too old: take a fresh channel_page. Error: channel_not_found.
CREATE OR REPLACE FUNCTION public.channel_changes(channel_id uuid, since_rev bigint, page_size integer DEFAULT 200)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.channel_changes(channel_changes.channel_id, channel_changes.since_rev, channel_changes.page_size) $function$;
grant execute on function channel_changes(uuid,bigint,integer) to authenticated, service_role;

-- People of a channel by handle: [{…profile, role, joined_at, deactivated_at}]. query: part of a name or handle. Next page: after_handle = the last handle. Error: channel_not_found.
CREATE OR REPLACE FUNCTION public.channel_member_list(channel_id uuid, query text DEFAULT ''::text, page_size integer DEFAULT 50, after_handle text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select private.channel_member_list(
    channel_member_list.channel_id, channel_member_list.query,
    channel_member_list.page_size, channel_member_list.after_handle)
$function$;
grant execute on function channel_member_list(uuid,text,integer,text) to authenticated, service_role;

-- What a channel view needs: {channel as in bootstrap, messages: rows of the timeline by seq, people: profiles of authors, repliers and named people, has_before, has_after}. The newest page, or that before, after or around a seq. Also a preview of a public channel, not for guests. Error: channel_not_found.
CREATE OR REPLACE FUNCTION public.channel_page(channel_id uuid, before_seq bigint DEFAULT NULL::bigint, after_seq bigint DEFAULT NULL::bigint, around_seq bigint DEFAULT NULL::bigint, page_size integer DEFAULT 50)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select private.channel_page(
    channel_page.channel_id, channel_page.before_seq, channel_page.after_seq, channel_page.around_seq,
    channel_page.page_size)
$function$;
grant execute on function channel_page(uuid,bigint,bigint,bigint,integer) to authenticated, service_role;

-- Creates a public or private channel; the caller and member_ids are its members. Returns the channel as in bootstrap. Errors: workspace_not_found, not_allowed (guests, kind direct), name_blank, name_too_long, channel_name_invalid, channel_name_reserved, channel_name_taken, text_too_long, person_not_found.
CREATE OR REPLACE FUNCTION public.create_channel(workspace_id uuid, kind channel_kind, name text, topic text DEFAULT ''::text, purpose text DEFAULT ''::text, member_ids uuid[] DEFAULT '{}'::uuid[])
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select private.create_channel(
    create_channel.workspace_id, create_channel.kind, create_channel.name, create_channel.topic,
    create_channel.purpose, create_channel.member_ids)
$function$;
grant execute on function create_channel(uuid,channel_kind,text,text,text,uuid[]) to authenticated, service_role;

-- Makes an invitation link: {…row of invitations, code}. The code is shown this once. Members invite members and guests, owners also admins. With email it is for that account, once by default. expires_in: up to 366 days. Errors: workspace_not_found, not_allowed, invitation_invalid, email_invalid, already_member.
CREATE OR REPLACE FUNCTION public.create_invitation(workspace_id uuid, role workspace_role DEFAULT 'member'::workspace_role, email text DEFAULT NULL::text, max_uses integer DEFAULT NULL::integer, expires_in interval DEFAULT '7 days'::interval)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select private.create_invitation(
    create_invitation.workspace_id, create_invitation.role, create_invitation.email,
    create_invitation.max_uses, create_invitation.expires_in)
$function$;
grant execute on function create_invitation(uuid,workspace_role,text,integer,interval) to authenticated, service_role;

-- Ten new recovery codes, shown this once: ["xxxx-xxxx-xxxx-xxxx", …]. Earlier ones end. For a sign-in with a second factor. Errors: session_not_enough, second_factor_needed.
CREATE OR REPLACE FUNCTION public.create_recovery_codes()
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.create_recovery_codes() $function$;
grant execute on function create_recovery_codes() to authenticated, service_role;

-- Creates a workspace with the channels general and random; the caller becomes its owner. Without slug one is derived from the name. Returns the row of workspaces. Errors: name_blank, name_too_long, workspace_slug_invalid, workspace_slug_reserved, workspace_slug_taken.
CREATE OR REPLACE FUNCTION public.create_workspace(name text, slug text DEFAULT NULL::text, icon text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.create_workspace(create_workspace.name, create_workspace.slug, create_workspace.icon) $function$;
grant execute on function create_workspace(text,text,text) to authenticated, service_role;

-- Shuts somebody out of the workspace and all its channels, whose memberships are kept, and signs them out everywhere. Who has no active membership left cannot sign in. Owners may anybody, admins members and guests. Returns the row of workspace_members. Errors: workspace_not_found, not_allowed, person_not_found, last_owner.
CREATE OR REPLACE FUNCTION public.deactivate_member(workspace_id uuid, user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.set_member_deactivated(deactivate_member.workspace_id, deactivate_member.user_id, true) $function$;
grant execute on function deactivate_member(uuid,uuid) to authenticated, service_role;

-- Empties a message and marks it deleted: by its author, in channels also by an admin who can read it. Its number stays, so that the order has no holes. Returns the row of messages. Errors: message_not_found, not_allowed.
CREATE OR REPLACE FUNCTION public.delete_message(message_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.delete_message(delete_message.message_id) $function$;
grant execute on function delete_message(uuid) to authenticated, service_role;

-- Signs the caller out everywhere else. Returns {ended: how many}. A weak sign-in may.
CREATE OR REPLACE FUNCTION public.end_other_sessions()
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.end_other_sessions() $function$;
grant execute on function end_other_sessions() to authenticated, service_role;

-- Signs one of the caller's own sign-ins out: its tokens end at once. Returns {session_id}. A weak sign-in may. Error: session_not_found, the same for missing ones and those of others.
CREATE OR REPLACE FUNCTION public.end_session(session_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.end_session(end_session.session_id) $function$;
grant execute on function end_session(uuid) to authenticated, service_role;

-- Makes the caller a member of a public channel; nothing changes for a member. Returns the channel as in bootstrap. Errors: channel_not_found (also for guests), channel_archived.
CREATE OR REPLACE FUNCTION public.join_channel(channel_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.join_channel(join_channel.channel_id) $function$;
grant execute on function join_channel(uuid) to authenticated, service_role;

-- Takes the caller out of a channel; a direct conversation cannot be left. Returns {channel_id, user_id}. Errors: channel_not_found, not_allowed.
CREATE OR REPLACE FUNCTION public.leave_channel(channel_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.leave_channel(leave_channel.channel_id) $function$;
grant execute on function leave_channel(uuid) to authenticated, service_role;

-- Takes the caller out of the workspace and all its channels. Returns {workspace_id, user_id}. Errors: workspace_not_found, last_owner.
CREATE OR REPLACE FUNCTION public.leave_workspace(workspace_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.leave_workspace(leave_workspace.workspace_id) $function$;
grant execute on function leave_workspace(uuid) to authenticated, service_role;

-- Lets members with an account and a confirmed address in the domains of a SAML connection keep that account when they sign in through it; without, Auth makes them a second one. For identity providers that name people by their address (NameID format emailAddress). By an owner of the installation. Returns {linked: how many}. Error: connection_not_found.
CREATE OR REPLACE FUNCTION public.link_sso_members(connection_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.link_sso_members(link_sso_members.connection_id) $function$;
grant execute on function link_sso_members(uuid) to authenticated, service_role;

-- People of a workspace by handle: [{…profile, role, joined_at, deactivated_at}]. query: part of a name or handle. Next page: after_handle = the last handle. A guest gets the people who share a channel. Error: workspace_not_found.
CREATE OR REPLACE FUNCTION public.list_members(workspace_id uuid, query text DEFAULT ''::text, page_size integer DEFAULT 50, after_handle text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select private.list_members(list_members.workspace_id, list_members.query, list_members.page_size, list_members.after_handle)
$function$;
grant execute on function list_members(uuid,text,integer,text) to authenticated, service_role;

-- The caller's own sign-ins, last used first: [{id, created_at, last_used_at, user_agent, ip, aal, is_current}]. A weak sign-in may ask.
CREATE OR REPLACE FUNCTION public.list_sessions()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.list_sessions() $function$;
grant execute on function list_sessions() to authenticated, service_role;

-- Everything up to seq is read; a lower seq than before changes nothing, a later "mark unread" point stays. Returns the row of read_states. Errors: channel_not_found, not_a_member.
CREATE OR REPLACE FUNCTION public.mark_read(channel_id uuid, seq bigint)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.mark_read(mark_read.channel_id, mark_read.seq) $function$;
grant execute on function mark_read(uuid,bigint) to authenticated, service_role;

-- From seq on everything is unread again; a seq that does not exist yet changes nothing. Returns the row of read_states. Errors: channel_not_found, not_a_member.
CREATE OR REPLACE FUNCTION public.mark_unread(channel_id uuid, seq bigint)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.mark_unread(mark_unread.channel_id, mark_unread.seq) $function$;
grant execute on function mark_unread(uuid,bigint) to authenticated, service_role;

-- Whether the caller may set up single sign-on here: an owner of the installation's first workspace, since a provider decides about accounts of the whole installation.
CREATE OR REPLACE FUNCTION public.may_manage_sso(workspace_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.may_manage_sso(may_manage_sso.workspace_id) $function$;
grant execute on function may_manage_sso(uuid) to authenticated, service_role;

-- Whether the caller may make a password reset link for somebody, or take their second factor off: an owner of the installation's first workspace, or an owner or admin with at least that person's role in every workspace of theirs.
CREATE OR REPLACE FUNCTION public.may_reset_password(user_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.may_reset_password(may_reset_password.user_id) $function$;
grant execute on function may_reset_password(uuid) to authenticated, service_role;

-- Where a permalink leads: {channel_id, thread_id, seq (of a reply: of its root), thread_seq}. Error: message_not_found, the same for missing and hidden messages.
CREATE OR REPLACE FUNCTION public.message_context(message_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.message_context(message_context.message_id) $function$;
grant execute on function message_context(uuid) to authenticated, service_role;

-- The conversation of the caller with these people, made when it is not there; nobody else: notes to oneself. The same people always get the same one. Returns the channel as in bootstrap. Errors: workspace_not_found, person_not_found, too_many_people.
CREATE OR REPLACE FUNCTION public.open_direct(workspace_id uuid, user_ids uuid[])
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.open_direct(open_direct.workspace_id, open_direct.user_ids) $function$;
grant execute on function open_direct(uuid,uuid[]) to authenticated, service_role;

-- What an invitation leads to, for people without an account too: {workspace: {name, slug, icon}, role, email, expires_at, invited_by: {display_name, handle, avatar_url} | null}. Errors: invitation_not_found, invitation_revoked, invitation_expired, invitation_used_up.
CREATE OR REPLACE FUNCTION public.preview_invitation(code text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.preview_invitation(preview_invitation.code) $function$;
grant execute on function preview_invitation(text) to anon, authenticated, service_role;

-- Lets somebody back in who was deactivated, with the channels they had. Owners may anybody, admins members and guests. Returns the row of workspace_members. Errors: workspace_not_found, not_allowed, person_not_found.
CREATE OR REPLACE FUNCTION public.reactivate_member(workspace_id uuid, user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.set_member_deactivated(reactivate_member.workspace_id, reactivate_member.user_id, false) $function$;
grant execute on function reactivate_member(uuid,uuid) to authenticated, service_role;

-- How many recovery codes the caller has not used yet.
CREATE OR REPLACE FUNCTION public.recovery_codes_left()
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.recovery_codes_left() $function$;
grant execute on function recovery_codes_left() to authenticated, service_role;

-- Takes somebody out of a channel: by an admin who can read it, or by the channel's creator. Returns {channel_id, user_id}. Errors: channel_not_found, not_allowed, person_not_found.
CREATE OR REPLACE FUNCTION public.remove_channel_member(channel_id uuid, user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.remove_channel_member(remove_channel_member.channel_id, remove_channel_member.user_id) $function$;
grant execute on function remove_channel_member(uuid,uuid) to authenticated, service_role;

-- Takes somebody out of the workspace and all its channels. Owners may remove anybody, admins members and guests. Returns {workspace_id, user_id}. Errors: workspace_not_found, not_allowed, person_not_found, last_owner.
CREATE OR REPLACE FUNCTION public.remove_workspace_member(workspace_id uuid, user_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.remove_workspace_member(remove_workspace_member.workspace_id, remove_workspace_member.user_id) $function$;
grant execute on function remove_workspace_member(uuid,uuid) to authenticated, service_role;

-- Closes an invitation for good; who came with it stays. By its creator or an admin. Returns the row of invitations. Error: invitation_not_found.
CREATE OR REPLACE FUNCTION public.revoke_invitation(invitation_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.revoke_invitation(revoke_invitation.invitation_id) $function$;
grant execute on function revoke_invitation(uuid) to authenticated, service_role;

-- Messages that the caller may read and that are not deleted, newest first, by all of: terms [{text: a word or a phrase, prefix: its last word goes on, not: without it}], authors by handle, places ("#channel", "@person"), since (inclusive) and until, has link, file or reaction, in a thread or not. Returns {messages: rows, people, channels {id, name, kind, archived_at}, next: {before_at, before_id} for the page after, null at the end}. A page may be short, or empty, with a next: it has looked back to there. Errors: workspace_not_found, search_empty, search_too_long, search_invalid, search_too_slow.
CREATE OR REPLACE FUNCTION public.search_messages(workspace_id uuid, terms jsonb DEFAULT '[]'::jsonb, from_handles text[] DEFAULT '{}'::text[], not_from_handles text[] DEFAULT '{}'::text[], in_places text[] DEFAULT '{}'::text[], not_in_places text[] DEFAULT '{}'::text[], since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone, has text[] DEFAULT '{}'::text[], has_not text[] DEFAULT '{}'::text[], in_thread boolean DEFAULT NULL::boolean, before_at timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, page_size integer DEFAULT 20)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select private.search_messages(
    search_messages.workspace_id, search_messages.terms, search_messages.from_handles, search_messages.not_from_handles,
    search_messages.in_places, search_messages.not_in_places, search_messages.since, search_messages.until,
    search_messages.has, search_messages.has_not, search_messages.in_thread,
    search_messages.before_at, search_messages.before_id, search_messages.page_size)
$function$;
grant execute on function search_messages(uuid,jsonb,text[],text[],text[],text[],timestamp with time zone,timestamp with time zone,text[],text[],boolean,timestamp with time zone,uuid,integer) to authenticated, service_role;

-- What the caller's sign-in lacks: {ok, ended: the session is over or the account banned, second_factor: 'none' | 'verify' (a code is enough) | 'enroll' (must be set up), sso: single sign-on is asked for, deactivated: everywhere, workspaces: [{name, slug}] that ask}. A weak sign-in may ask.
CREATE OR REPLACE FUNCTION public.session_requirements()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.session_requirements() $function$;
grant execute on function session_requirements() to authenticated, service_role;

-- Changes the role of a member. Owners may set any role; admins turn members into guests and back. Returns the row of workspace_members. Errors: workspace_not_found, not_allowed, person_not_found, last_owner.
CREATE OR REPLACE FUNCTION public.set_member_role(workspace_id uuid, user_id uuid, role workspace_role)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.set_member_role(set_member_role.workspace_id, set_member_role.user_id, set_member_role.role) $function$;
grant execute on function set_member_role(uuid,uuid,workspace_role) to authenticated, service_role;

-- Sets what a workspace asks of sign-ins; null leaves a rule as it is. By an owner whose own sign-in has what a new rule asks for. A rule that is turned on signs out the members who do not have it. Returns the row of workspace_security. Errors: workspace_not_found, not_allowed, second_factor_needed, sso_needed.
CREATE OR REPLACE FUNCTION public.set_workspace_security(workspace_id uuid, require_two_factor boolean DEFAULT NULL::boolean, require_sso boolean DEFAULT NULL::boolean)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select private.set_workspace_security(
    set_workspace_security.workspace_id, set_workspace_security.require_two_factor, set_workspace_security.require_sso)
$function$;
grant execute on function set_workspace_security(uuid,boolean,boolean) to authenticated, service_role;

-- How people with addresses of this domain sign in: {password: what to offer first, sso: {kind, provider, name} | null}. Looks at the domain only, never at whether there is such an account. For visitors too.
CREATE OR REPLACE FUNCTION public.sign_in_methods(email text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.sign_in_methods(sign_in_methods.email) $function$;
grant execute on function sign_in_methods(text) to anon, authenticated, service_role;

-- A thread: {root: row of messages, messages: replies by thread_seq, people, has_before}. The newest page, or that before a thread_seq. Error: thread_not_found.
CREATE OR REPLACE FUNCTION public.thread_page(root_id uuid, before_seq bigint DEFAULT NULL::bigint, page_size integer DEFAULT 50)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select private.thread_page(thread_page.root_id, thread_page.before_seq, thread_page.page_size) $function$;
grant execute on function thread_page(uuid,bigint,integer) to authenticated, service_role;

-- Opens an archived channel again: by its creator or an admin who can read it. Returns the channel as in bootstrap. Errors: channel_not_found, not_allowed.
CREATE OR REPLACE FUNCTION public.unarchive_channel(channel_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.set_channel_archived(unarchive_channel.channel_id, false) $function$;
grant execute on function unarchive_channel(uuid) to authenticated, service_role;

-- Uses up one of the caller's recovery codes and removes their second factors, so that they can set up new ones. For a sign-in without the second factor. Five wrong codes in a quarter of an hour, then it waits. Returns what session_requirements answers afterwards. Errors: session_not_enough, recovery_code_wrong, too_many_tries.
CREATE OR REPLACE FUNCTION public.use_recovery_code(code text)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select private.use_recovery_code(use_recovery_code.code) $function$;
grant execute on function use_recovery_code(text) to authenticated, service_role;

-- Schema private ---------------------------------------------------------------------------------------------

-- One row per person of whom something changed that private.person_id looks at: a second factor, the address, a rule of a workspace. Policies name it in their @realtime comments, so that what realtime remembers of the person is forgotten with that commit.
create table private.account_changes (
  user_id uuid not null,
  changed_at timestamp with time zone not null default now(),
  PRIMARY KEY (user_id),
  FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);

-- One row per person and channel whose messages the person may read. Kept by triggers on channel_members.
create table private.channel_access (
  user_id uuid not null,
  channel_id uuid not null,
  workspace_id uuid not null,
  PRIMARY KEY (user_id, channel_id)
);
CREATE UNIQUE INDEX channel_access_channel_id_user_id_idx ON private.channel_access USING btree (channel_id, user_id);
grant select on private.channel_access to authenticated;
grant select on private.channel_access to service_role;

-- Which people a direct channel is for: the same people in a workspace always get the same conversation.
create table private.direct_conversations (
  channel_id uuid not null,
  workspace_id uuid not null,
  direct_key text not null, -- Sorted ids of the people, joined by commas.
  PRIMARY KEY (channel_id),
  UNIQUE (workspace_id, direct_key),
  FOREIGN KEY (workspace_id, channel_id) REFERENCES channels(workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX direct_conversations_workspace_id_channel_id_idx ON private.direct_conversations USING btree (workspace_id, channel_id);

-- SHA-256 of each invitation's code, apart from what can be selected: no grant, policy or event can show it.
create table private.invitation_codes (
  invitation_id uuid not null,
  code_hash bytea not null,
  PRIMARY KEY (invitation_id),
  UNIQUE (code_hash),
  FOREIGN KEY (invitation_id) REFERENCES invitations(id) ON DELETE CASCADE
);

-- Limits that the operator of the installation sets; what is not here has none.
create table private.limits (
  name text not null,
  value bigint not null,
  PRIMARY KEY (name),
  CHECK ((name = 'attachment_bytes_per_person'::text)),
  CHECK ((value > 0))
);

-- One row per member of the channel whom a message of somebody else names. Kept by triggers on messages.
create table private.message_mentions (
  message_id uuid not null,
  user_id uuid not null,
  channel_id uuid not null,
  seq bigint, -- Place in the timeline; null in a thread, which the channel's numbers do not count.
  PRIMARY KEY (message_id, user_id),
  FOREIGN KEY (message_id) REFERENCES messages(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX message_mentions_user_id_channel_id_seq_idx ON private.message_mentions USING btree (user_id, channel_id, seq);

-- Until when people were banned by somebody else when their deactivation everywhere took the place of that ban.
create table private.other_bans (
  user_id uuid not null,
  banned_until timestamp with time zone not null,
  PRIMARY KEY (user_id),
  FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);

-- SHA-256 of each code with its person's id. A fast hash is enough: codes are random, 80 bits.
create table private.recovery_codes (
  user_id uuid not null,
  code_hash bytea not null,
  PRIMARY KEY (user_id, code_hash),
  FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);

-- Wrong codes of the last quarter of an hour.
create table private.recovery_tries (
  user_id uuid not null,
  tried_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (user_id, tried_at),
  FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);

-- Domains of addresses that people had when single sign-on was asked of them: it goes on being asked after they changed their address. Who leaves a company must not get past its provider with the password they still know.
create table private.sso_bonds (
  user_id uuid not null,
  domain text not null,
  PRIMARY KEY (user_id, domain),
  FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);

-- One row per person and workspace, with the role. Kept by triggers on workspace_members.
create table private.workspace_access (
  user_id uuid not null,
  workspace_id uuid not null,
  role workspace_role not null,
  PRIMARY KEY (user_id, workspace_id)
);
CREATE UNIQUE INDEX workspace_access_workspace_id_user_id_idx ON private.workspace_access USING btree (workspace_id, user_id);
grant select on private.workspace_access to authenticated;
grant select on private.workspace_access to service_role;

-- Body of public.accept_invitation.
CREATE OR REPLACE FUNCTION private.accept_invitation(code text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  me uuid := private.caller_id();
  invitation public.invitations;
  workspace public.workspaces;
  joined boolean;
begin
  if me is null then
    perform private.fail('not_allowed');
  end if;
  -- The last use can be taken by one only: lock first, then look again.
  perform from public.invitations i
  where i.id = (
    select c.invitation_id from private.invitation_codes c
    where c.code_hash = private.hash_code(accept_invitation.code))
  for update;
  select i.* into invitation
  from private.invitation_codes c join public.invitations i on i.id = c.invitation_id
  where c.code_hash = private.hash_code(accept_invitation.code);
  select w.* into workspace from public.workspaces w where w.id = invitation.workspace_id;

  if exists (
    select from public.workspace_members m
    where m.workspace_id = workspace.id and m.user_id = me and m.deactivated_at is not null
  ) then
    perform private.fail('deactivated');
  end if;
  -- Coming back with the same link is no second use and never changes a role.
  if exists (
    select from public.workspace_members m where m.workspace_id = workspace.id and m.user_id = me
  ) then
    return to_jsonb(workspace);
  end if;

  invitation := private.usable_invitation(accept_invitation.code);
  if invitation.email is not null and not exists (
    select from auth.users u where u.id = me and lower(u.email) = invitation.email
  ) then
    perform private.fail('invitation_for_other_email');
  end if;

  insert into public.workspace_members (workspace_id, user_id, role)
  values (invitation.workspace_id, me, invitation.role)
  on conflict do nothing
  returning true into joined;
  if joined then
    update public.invitations i set uses = i.uses + 1 where i.id = invitation.id;
    if invitation.role <> 'guest' then
      perform private.join_default_channels(invitation.workspace_id, me);
    end if;
  end if;
  return to_jsonb(workspace);
end
$function$;
grant execute on function private.accept_invitation(text) to authenticated, service_role;

-- Body of public.add_channel_members.
CREATE OR REPLACE FUNCTION private.add_channel_members(channel_id uuid, user_ids uuid[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  channel public.channels := private.require_channel(channel_id);
  role public.workspace_role := private.my_role(channel.workspace_id);
begin
  if channel.kind = 'direct' or coalesce(role = 'guest', true)
    or not (private.is_in_channel(channel.id) or role in ('owner', 'admin')) then
    perform private.fail('not_allowed');
  elsif channel.archived_at is not null then
    perform private.fail('channel_archived');
  end if;
  perform private.add_to_channel(channel, private.require_people(channel.workspace_id, user_ids));
  return private.channel_json(channel.id);
end
$function$;
grant execute on function private.add_channel_members(uuid,uuid[]) to authenticated, service_role;

-- Makes people members of a channel; those who are stay as they are.
CREATE OR REPLACE FUNCTION private.add_to_channel(channel channels, user_ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  insert into public.channel_members (channel_id, user_id, workspace_id)
  select channel.id, person, channel.workspace_id
  from unnest(user_ids) as people (person)
  order by person
  on conflict do nothing;
end
$function$;

-- Called by the server once after the database was restored from a backup: clients take a fresh page of every channel. A channel may have lost up to a million changes.
CREATE OR REPLACE FUNCTION private.after_restore()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.channel_heads h set last_rev = h.last_rev + 1000000, min_rev = h.last_rev + 1000000 where true;
$function$;

-- Lower-case ASCII words of a text, joined by a separator, accents removed: what addresses and handles are derived from. Empty for texts in other scripts.
CREATE OR REPLACE FUNCTION private.ascii_words(value text, separator text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$
  select btrim(regexp_replace(
    regexp_replace(lower(normalize(value, NFKD)), '[\u0300-\u036F]', '', 'g'),
    '[^a-z0-9]+', separator, 'g'
  ), separator)
$function$;

-- What a timeline draws of a file: an element of messages.attachments {id, name, type, size, width?, height?, duration?, waveform?, alt?}.
CREATE OR REPLACE FUNCTION private.attachment_json(attachment attachments)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_strip_nulls(jsonb_build_object(
    'id', attachment.id, 'name', attachment.name, 'type', attachment.type, 'size', attachment.size,
    'width', attachment.width, 'height', attachment.height, 'duration', attachment.duration,
    'waveform', attachment.waveform, 'alt', attachment.alt))
$function$;

-- Body of public.bootstrap.
CREATE OR REPLACE FUNCTION private.bootstrap(workspace_slug text, since pg_snapshot)
 RETURNS json
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  me uuid := private.caller_id();
  current private.workspace_access;
  channel_ids uuid[];
  person_ids uuid[];
  -- Whose direct conversation with me is new: nobody else had to be told of them.
  new_ids uuid[];
  waiting private.channel_waiting[] := array(select w from private.waiting(me, null) w);
  is_guest boolean;
  head bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
  -- How many transactions ago none was under way any more that the earlier picture did not see. Which of those after it
  -- were is not asked: a snapshot does not name transactions within others, as every exception block is one. An age fits
  -- into the 32 bits of a row's version, which is less than two billion transactions old.
  recent bigint;
begin
  -- Of a database that was restored to an earlier time.
  if pg_snapshot_xmax(since) > pg_snapshot_xmax(pg_current_snapshot()) then
    since := null;
  end if;
  recent := head - pg_snapshot_xmin(since)::text::bigint;
  if workspace_slug is not null then
    select a.* into current
    from private.workspace_access a join public.workspaces w on w.id = a.workspace_id
    where a.user_id = me and w.slug = lower(workspace_slug);
  else
    -- The one where the person read last, else the one they joined first.
    select a.* into current
    from private.workspace_access a
    join public.workspace_members m on m.workspace_id = a.workspace_id and m.user_id = a.user_id
    left join lateral (
      select max(r.updated_at) as used_at
      from private.channel_access c
      join public.read_states r on r.user_id = c.user_id and r.channel_id = c.channel_id
      where c.user_id = me and c.workspace_id = a.workspace_id
    ) last on true
    where a.user_id = me
    order by last.used_at desc nulls last, m.joined_at, a.workspace_id
    limit 1;
  end if;
  -- Who has another role or came back sees others than before, who have not changed.
  if exists (
    select from public.workspace_members m
    where m.workspace_id = current.workspace_id and m.user_id = me and (head - m.xmin::text::bigint) & 4294967295 <= recent
  ) then
    since := null;
  end if;
  is_guest := current.role = 'guest';
  select coalesce(array_agg(a.channel_id), '{}') into channel_ids
  from private.channel_access a where a.user_id = me and a.workspace_id = current.workspace_id;
  person_ids := array(
    select me
    union
    select m.user_id
    from public.channels c join public.channel_members m on m.channel_id = c.id
    where c.id = any (channel_ids) and c.kind = 'direct'
    union
    (
      select m.user_id from public.workspace_members m
      where m.workspace_id = current.workspace_id
        and (not is_guest or exists (
          select 1 from private.channel_access theirs
          where theirs.channel_id = any (channel_ids) and theirs.user_id = m.user_id
        ))
      order by m.joined_at, m.user_id
      limit 200
    )
  );
  new_ids := array(
    select m.user_id
    from public.channels c join public.channel_members m on m.channel_id = c.id
    where c.id = any (channel_ids) and c.kind = 'direct' and (head - m.xmin::text::bigint) & 4294967295 <= recent
  );

  return json_build_object(
    'me', (select p from public.profiles p where p.id = me),
    'workspaces', private.my_workspaces_json(me, waiting),
    'workspace', (
      select to_jsonb(w) || jsonb_build_object('role', current.role)
        || case when since is not null and members.number = 1000 then '{}' else jsonb_build_object('member_count', members.number) end
      from public.workspaces w
      cross join lateral (
        -- Counting ten thousand takes longer than the rest, and whoever asks again knows about how many there are.
        select count(*) as number
        from (
          select from private.workspace_access a where a.workspace_id = w.id
          limit case when since is null then null else 1000 end
        ) counted
      ) members
      where w.id = current.workspace_id
    ),
    'channels', (
      select coalesce(json_agg(c.channel order by c.channel ->> 'name', c.channel_id), '[]')
      from private.channels_json(channel_ids, waiting) c
    ),
    'people', (
      select coalesce(json_agg(person order by person.handle), '[]')
      from (
        select p.*, wm.role, wm.deactivated_at
        from public.profiles p
        left join public.workspace_members wm on wm.user_id = p.id and wm.workspace_id = current.workspace_id
        where p.id = any (person_ids)
          and (
            since is null or p.id = any (new_ids)
            or (head - p.xmin::text::bigint) & 4294967295 <= recent
            or (head - wm.xmin::text::bigint) & 4294967295 <= recent
          )
      ) person
    ),
    'drafts', (
      select coalesce(json_agg(json_build_object(
        'channel_id', d.channel_id, 'thread_id', d.thread_id, 'body', d.body, 'updated_at', d.updated_at)
        order by d.updated_at desc), '[]')
      from public.drafts d
      where d.user_id = me and d.channel_id = any (channel_ids) and d.body <> ''
    ),
    'realtime', nullif(private.realtime_transport(), 'postgres_changes'),
    'as_of', pg_current_snapshot()::text
  );
end
$function$;
grant execute on function private.bootstrap(text,pg_snapshot) to authenticated, service_role;

-- Body of public.browse_channels.
CREATE OR REPLACE FUNCTION private.browse_channels(workspace_id uuid, query text, page_size integer, after_name text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  perform private.require_role(browse_channels.workspace_id, 'owner', 'admin', 'member');
  return (
    select coalesce(jsonb_agg(
      to_jsonb(c) || jsonb_build_object('member_count', h.member_count, 'is_member', private.is_in_channel(c.id))
      order by c.name collate "C"), '[]')
    from (
      select * from public.channels c
      where c.workspace_id = browse_channels.workspace_id and c.kind = 'public' and c.archived_at is null
        and (browse_channels.after_name is null or c.name collate "C" > browse_channels.after_name)
        and (
          coalesce(btrim(browse_channels.query, ' #'), '') = ''
          or c.name like '%' || private.escape_like(lower(btrim(browse_channels.query, ' #'))) || '%'
          or c.purpose ilike '%' || private.escape_like(btrim(browse_channels.query, ' #')) || '%'
          or c.topic ilike '%' || private.escape_like(btrim(browse_channels.query, ' #')) || '%'
        )
      order by c.name collate "C"
      limit private.page_size(browse_channels.page_size)
    ) c
    join public.channel_heads h on h.channel_id = c.id
  );
end
$function$;
grant execute on function private.browse_channels(uuid,text,integer,text) to authenticated, service_role;

-- private.person_id, for those to whom nobody means the server itself (secret key, imports): a person whose sign-in does not count is refused, not taken for it. Error: session_not_enough.
CREATE OR REPLACE FUNCTION private.caller_id()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  person uuid := private.person_id();
begin
  if person is null and auth.uid() is not null then
    perform private.fail('session_not_enough');
  end if;
  return person;
end
$function$;

-- Body of public.channel_changes.
CREATE OR REPLACE FUNCTION private.channel_changes(channel_id uuid, since_rev bigint, page_size integer)
 RETURNS json
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  channel public.channels := private.require_channel(channel_id);
  head public.channel_heads;
  size int := private.page_size(page_size);
  page public.messages[];
  last_rev bigint;
begin
  select h.* into head from public.channel_heads h where h.channel_id = channel.id;
  page := array(
    select m from public.messages m
    where m.channel_id = channel.id and m.rev > coalesce(since_rev, 0)
    order by m.rev
    limit size
  );
  last_rev := page[cardinality(page)].rev;
  -- A full page may have more behind it; else the cursor goes to the head, whose own revision may be of an older row.
  if cardinality(page) < size or last_rev >= head.last_rev then
    last_rev := head.last_rev;
  end if;
  return json_build_object(
    'rev', last_rev,
    'min_rev', head.min_rev,
    'messages', (select coalesce(json_agg(m order by m.rev), '[]') from unnest(page) m),
    'people', private.people_json(page, private.my_role(channel.workspace_id) = 'guest'),
    'has_more', last_rev < head.last_rev
  );
end
$function$;
grant execute on function private.channel_changes(uuid,bigint,integer) to authenticated, service_role;

-- One channel as private.channels_json shows it. Checks nothing.
CREATE OR REPLACE FUNCTION private.channel_json(channel_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select c.channel
  from private.channels_json(
    array[channel_json.channel_id],
    array(select w from private.waiting(private.person_id(), array[channel_json.channel_id]) w)) c
$function$;

-- Body of public.channel_member_list.
CREATE OR REPLACE FUNCTION private.channel_member_list(channel_id uuid, query text, page_size integer, after_handle text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  return private.members_page(channel.workspace_id, channel.id, query, page_size, after_handle);
end
$function$;
grant execute on function private.channel_member_list(uuid,text,integer,text) to authenticated, service_role;

-- Body of public.channel_page.
CREATE OR REPLACE FUNCTION private.channel_page(channel_id uuid, before_seq bigint, after_seq bigint, around_seq bigint, page_size integer)
 RETURNS json
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  channel public.channels := private.require_channel(channel_id);
  size int := private.page_size(page_size);
  -- The page is what lies on both sides of a pivot: `lower` messages before it, `upper` from it on.
  pivot bigint := coalesce(around_seq, after_seq + 1, before_seq, 9223372036854775807);
  upper int := case
    when around_seq is not null then size - size / 2
    when after_seq is not null then size
    else 0
  end;
  lower int := size - upper;
  page public.messages[];
begin
  page := array(
    (select m from public.messages m
      where m.channel_id = channel.id and m.seq < pivot order by m.seq desc limit lower)
    union all
    (select m from public.messages m
      where m.channel_id = channel.id and m.seq >= pivot order by m.seq limit upper)
  );

  return json_build_object(
    'channel', private.channel_json(channel.id),
    'messages', (select coalesce(json_agg(m order by m.seq), '[]') from unnest(page) m),
    'people', private.people_json(page, private.my_role(channel.workspace_id) = 'guest'),
    'has_before', exists (
      select from public.messages m
      where m.channel_id = channel.id and m.seq < coalesce((select min(seq) from unnest(page)), pivot)),
    'has_after', exists (
      select from public.messages m
      where m.channel_id = channel.id and m.seq > coalesce((select max(seq) from unnest(page)), pivot - 1))
  );
end
$function$;
grant execute on function private.channel_page(uuid,bigint,bigint,bigint,integer) to authenticated, service_role;

-- Where the members of a channel hear of it: its own topic; those of a direct conversation each on their own, so that nobody has to join a topic for each.
CREATE OR REPLACE FUNCTION private.channel_topics(channel_id uuid)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select case when c.kind = 'direct'
    then private.user_topics(array(select a.user_id from private.channel_access a where a.channel_id = c.id))
    else array['changes:channel:' || c.id] end
  from public.channels c where c.id = channel_topics.channel_id
$function$;

-- Channels as functions show them: {…row of channels, member_count, is_member, member_ids (of a direct one, else empty), muted_at, starred_at, head: {last_seq, last_rev, min_rev, last_message_at}, read: {last_read_seq, unread_from_seq}, mention_count}, with what private.waiting says of them. Checks nothing.
CREATE OR REPLACE FUNCTION private.channels_json(channel_ids uuid[], waiting private.channel_waiting[])
 RETURNS TABLE(channel_id uuid, channel jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
declare
  me uuid := private.person_id();
begin
  return query
  select
    c.id,
    to_jsonb(c) || jsonb_build_object(
      'member_count', h.member_count,
      'is_member', m.user_id is not null,
      'member_ids', case when c.kind = 'direct' then (
        select jsonb_agg(d.user_id order by d.user_id) from public.channel_members d where d.channel_id = c.id
      ) else '[]' end,
      'muted_at', m.muted_at,
      'starred_at', m.starred_at,
      'head', jsonb_build_object(
        'last_seq', h.last_seq, 'last_rev', h.last_rev, 'min_rev', h.min_rev, 'last_message_at', h.last_message_at),
      'read', jsonb_build_object(
        'last_read_seq', coalesce(r.last_read_seq, h.last_seq), 'unread_from_seq', r.unread_from_seq),
      'mention_count', coalesce(w.mention_count, 0)
    )
  from public.channels c
  join public.channel_heads h on h.channel_id = c.id
  left join lateral (
    select * from public.channel_members m where m.channel_id = c.id and m.user_id = me offset 0
  ) m on true
  left join lateral (
    select * from public.read_states r where r.channel_id = c.id and r.user_id = me offset 0
  ) r on true
  left join unnest(waiting) w on w.channel_id = c.id
  where c.id = any (channel_ids);
end
$function$;

-- Trigger: a person keeps no more bytes of files than the operator allows. Error: attachments_full.
CREATE OR REPLACE FUNCTION private.check_attachment_room()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  me uuid := private.caller_id();
  room bigint := (select l.value from private.limits l where l.name = 'attachment_bytes_per_person');
begin
  -- Nobody adds a file in the same moment: attachments_place, which comes before, lets in one after the other.
  if room is null or me is null then
    return new;
  end if;
  -- Of what was sent the stored size is known; what waits may be larger than was said of it.
  if new.size + coalesce((
    select sum(greatest(a.size, case when a.message_id is null then (
      select (o.metadata ->> 'size')::bigint from storage.objects o
      where o.bucket_id = 'attachments' and o.name = a.path) end))
    from public.attachments a where a.user_id = me
  ), 0) > room then
    perform private.fail('attachments_full');
  end if;
  return new;
end
$function$;

-- Errors: empty_message, message_too_long.
CREATE OR REPLACE FUNCTION private.check_body(body text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if char_length(body) > 40000 then
    perform private.fail('message_too_long');
  elsif body is null or not private.is_visible(body) then
    perform private.fail('empty_message');
  end if;
end
$function$;

-- Trigger: cleans and checks. Errors: name_blank, name_too_long, text_too_long, channel_name_invalid, channel_name_reserved, channel_name_taken, channel_archived, not_allowed.
CREATE OR REPLACE FUNCTION private.check_channel()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.topic := private.clean_text(coalesce(new.topic, ''), 250);
  new.purpose := private.clean_text(coalesce(new.purpose, ''), 250);
  if new.kind <> 'direct' and (tg_op = 'INSERT' or new.name is distinct from old.name) then
    new.name := private.clean_channel_name(new.name);
    if exists (
      select from public.channels c
      where c.workspace_id = new.workspace_id and lower(c.name) = new.name and c.id <> new.id
    ) then
      perform private.fail('channel_name_taken');
    end if;
  end if;
  if tg_op = 'UPDATE' then
    if private.caller_id() is not null then
      if old.archived_at is not null and new.archived_at is not null then
        perform private.fail('channel_archived');
      elsif new.name is distinct from old.name
        and old.created_by is distinct from private.caller_id()
        and coalesce(private.my_role(old.workspace_id) not in ('owner', 'admin'), true) then
        perform private.fail('not_allowed');
      end if;
    end if;
    new.updated_at := now();
  end if;
  return new;
end
$function$;

-- Called while holding the channel's head, so that nothing slips in behind archive_channel or a removal, which the policies of a statement that waited do not see. Errors: channel_archived, not_a_member.
CREATE OR REPLACE FUNCTION private.check_open(channel_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if exists (select from public.channels c where c.id = check_open.channel_id and c.archived_at is not null) then
    perform private.fail('channel_archived');
  elsif not private.is_in_channel(check_open.channel_id) then
    perform private.fail('not_a_member');
  end if;
end
$function$;

-- True while the folder of a picture has room for another. Error P0001: there are 20 in it.
CREATE OR REPLACE FUNCTION private.check_picture_room(bucket_id text, name text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  folder text := (storage.foldername(check_picture_room.name))[1];
begin
  -- One is drawn, and those before it go when it is saved.
  if private.owns_picture(check_picture_room.bucket_id, check_picture_room.name) and (
    select count(*) from storage.objects o
    where o.bucket_id = check_picture_room.bucket_id and o.name collate "C" ^@ (folder || '/')
  ) >= 20 then
    raise 'Only 20 pictures can be kept here. Remove some, then upload this one again.';
  end if;
  return true;
end
$function$;
grant execute on function private.check_picture_room(text,text) to authenticated, service_role;

-- Trigger: cleans and checks what a person changes. Errors: name_blank, name_too_long, text_too_long, handle_invalid, handle_taken, avatar_url_invalid, locale_invalid, time_zone_invalid.
CREATE OR REPLACE FUNCTION private.check_profile()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.display_name := private.clean_name(new.display_name);
  new.status_text := nullif(private.clean_text(new.status_text, 100), '');
  new.status_emoji := nullif(private.clean_text(new.status_emoji, 64), '');
  new.avatar_url := nullif(btrim(new.avatar_url), '');
  new.handle := lower(btrim(new.handle));
  new.updated_at := now();

  if new.avatar_url !~ '^(https?://|/[^/])' or char_length(new.avatar_url) > 2048 then
    perform private.fail('avatar_url_invalid');
  end if;
  if new.locale !~ '^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$' then
    perform private.fail('locale_invalid');
  end if;
  if new.handle is distinct from old.handle then
    if new.handle !~ '^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$' or private.is_reserved_handle(new.handle) then
      perform private.fail('handle_invalid');
    elsif exists (select from public.profiles p where p.handle = new.handle) then
      perform private.fail('handle_taken');
    end if;
  end if;
  if new.time_zone is distinct from old.time_zone then
    begin
      perform now() at time zone new.time_zone;
    exception when invalid_parameter_value then
      perform private.fail('time_zone_invalid');
    end;
  end if;
  return new;
end
$function$;

-- Trigger: cleans and checks. Errors: name_blank, name_too_long, domain_invalid, domain_taken.
CREATE OR REPLACE FUNCTION private.check_sso_connection()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.name := private.clean_name(new.name);
  new.domains := array(
    select distinct lower(btrim(given, E' @\t')) as domain from unnest(new.domains) as domains (given) order by domain);
  if exists (
    select from unnest(new.domains) as domains (domain)
    where domain !~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$'
  ) or cardinality(new.domains) = 0 then
    perform private.fail('domain_invalid');
  end if;
  -- Two connections that take the same domain at the same moment queue here.
  perform pg_advisory_xact_lock(hashtextextended('sso_connections', 0));
  if exists (select from public.sso_connections c where c.id <> new.id and c.domains && new.domains) then
    perform private.fail('domain_taken');
  end if;
  return new;
end
$function$;

-- Trigger: cleans and checks. Errors: name_blank, name_too_long, text_too_long, workspace_slug_invalid, workspace_slug_reserved, workspace_slug_taken.
CREATE OR REPLACE FUNCTION private.check_workspace()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.name := private.clean_name(new.name);
  new.icon := nullif(private.clean_text(new.icon, 64), '');
  new.slug := lower(btrim(new.slug));
  if tg_op = 'INSERT' or new.slug is distinct from old.slug then
    if new.slug !~ '^[a-z0-9]+(-[a-z0-9]+)*$' or char_length(new.slug) not between 2 and 48 then
      perform private.fail('workspace_slug_invalid');
    elsif private.is_reserved_slug(new.slug) then
      perform private.fail('workspace_slug_reserved');
    elsif exists (select from public.workspaces w where w.slug = new.slug) then
      perform private.fail('workspace_slug_taken');
    end if;
  end if;
  new.updated_at := now();
  return new;
end
$function$;

-- A channel name as it is stored: lower case, hyphens for spaces, without a leading #. Errors: name_blank, name_too_long, channel_name_invalid, channel_name_reserved.
CREATE OR REPLACE FUNCTION private.clean_channel_name(name text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
declare
  cleaned text := lower(ltrim(private.clean_name(name), '#'));
begin
  cleaned := replace(btrim(cleaned), ' ', '-');
  if cleaned = '' then
    perform private.fail('name_blank');
  -- Letters of every script are welcome; signs that mean something in a mention, a link or markdown are not.
  elsif cleaned ~ '[\u0021-\u002C\u002F\u003A-\u0040\u005B-\u005E\u0060\u007B-\u007E\u00A1-\u00A9\u00AB-\u00B4\u00B6-\u00B9\u00BB-\u00BF\u00D7\u00F7\u2000-\u206F\u2E00-\u2E7F\u3000-\u3004\u3008-\u3020\u3030\uFF01-\uFF0F\uFF1A-\uFF20]'
    or cleaned !~ '[^._-]' then
    perform private.fail('channel_name_invalid');
  elsif private.is_reserved_channel_name(cleaned) then
    perform private.fail('channel_name_reserved');
  end if;
  return cleaned;
end
$function$;

-- A text of one line as it is stored: NFC, without controls and bidirectional overrides, runs of white space as one space, trimmed.
CREATE OR REPLACE FUNCTION private.clean_line(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$
  -- Joiners stay (emoji and several scripts need them); what reorders or hides its neighbours goes.
  select btrim(regexp_replace(
    regexp_replace(normalize(value, NFC), '[\u0001-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]', '', 'g'),
    '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+', ' ', 'g'
  ))
$function$;

-- A name as it is stored: private.clean_line, 1 to 80 characters. Errors: name_blank, name_too_long.
CREATE OR REPLACE FUNCTION private.clean_name(value text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
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
$function$;

-- A short text as it is stored: private.clean_line, at most max_length characters, null stays null. Error: text_too_long.
CREATE OR REPLACE FUNCTION private.clean_text(value text, max_length integer)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
declare
  cleaned text := private.clean_line(value);
begin
  if char_length(cleaned) > max_length then
    perform private.fail('text_too_long');
  end if;
  return cleaned;
end
$function$;

-- Clears away up to so many files that anybody left unsent for a day. @scheduled
CREATE OR REPLACE FUNCTION private.clear_stale_attachments(most integer DEFAULT 500)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  delete from public.attachments a where a.id in (
    select left_over.id from public.attachments left_over
    where left_over.message_id is null and left_over.created_at < now() - interval '1 day'
    order by left_over.created_at limit clear_stale_attachments.most for update skip locked)
$function$;

-- Body of public.create_channel.
CREATE OR REPLACE FUNCTION private.create_channel(workspace_id uuid, kind channel_kind, name text, topic text, purpose text, member_ids uuid[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  created public.channels;
begin
  perform private.require_role(create_channel.workspace_id, 'owner', 'admin', 'member');
  if create_channel.kind is null or create_channel.kind = 'direct' then
    perform private.fail('not_allowed');
  end if;
  begin
    insert into public.channels (workspace_id, kind, name, topic, purpose, created_by)
    values (
      create_channel.workspace_id, create_channel.kind, private.clean_name(create_channel.name),
      create_channel.topic, create_channel.purpose, private.person_id())
    returning * into created;
  exception when unique_violation then
    perform private.fail('channel_name_taken');
  end;
  perform private.add_to_channel(
    created, private.require_people(created.workspace_id, array_append(create_channel.member_ids, private.person_id())));
  return private.channel_json(created.id);
end
$function$;
grant execute on function private.create_channel(uuid,channel_kind,text,text,text,uuid[]) to authenticated, service_role;

-- Trigger: every channel has its counters.
CREATE OR REPLACE FUNCTION private.create_channel_head()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.channel_heads (channel_id) values (new.id);
  return null;
end
$function$;

-- Body of public.create_invitation.
CREATE OR REPLACE FUNCTION private.create_invitation(workspace_id uuid, role workspace_role, email text, max_uses integer, expires_in interval)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  mine public.workspace_role := private.require_role(create_invitation.workspace_id, 'owner', 'admin', 'member');
  address text := nullif(lower(private.clean_line(create_invitation.email)), '');
  -- Two random uuids hold 244 random bits; 18 bytes of their hash make 24 signs that need no escaping in an address.
  code text := translate(
    encode(substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 18), 'base64'), '+/', '-_');
  created public.invitations;
begin
  if create_invitation.role = 'owner' or (create_invitation.role = 'admin' and mine <> 'owner') then
    perform private.fail('not_allowed');
  end if;
  if create_invitation.role is null or create_invitation.max_uses < 1 or create_invitation.expires_in is null
    or create_invitation.expires_in <= interval '0' or create_invitation.expires_in > interval '366 days' then
    perform private.fail('invitation_invalid');
  end if;
  if address is not null then
    if address !~ '^[^@\s]+@[^@\s]+$' or char_length(address) > 320 then
      perform private.fail('email_invalid');
    end if;
    if exists (
      select from auth.users u
      join public.workspace_members m on m.user_id = u.id
      where lower(u.email) = address and m.workspace_id = create_invitation.workspace_id
    ) then
      perform private.fail('already_member');
    end if;
  end if;

  insert into public.invitations (workspace_id, created_by, role, email, max_uses, expires_at)
  values (
    create_invitation.workspace_id, private.person_id(), create_invitation.role, address,
    coalesce(create_invitation.max_uses, case when address is not null then 1 end), now() + create_invitation.expires_in
  )
  returning * into created;
  insert into private.invitation_codes (invitation_id, code_hash) values (created.id, private.hash_code(code));
  return to_jsonb(created) || jsonb_build_object('code', code);
end
$function$;
grant execute on function private.create_invitation(uuid,workspace_role,text,integer,interval) to authenticated, service_role;

-- Trigger: every new account gets a profile.
CREATE OR REPLACE FUNCTION private.create_profile()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.make_profile(new);
  return new;
exception when others then
  -- A name that we cannot digest must not cost anybody the account.
  raise warning 'profile of % from its own data failed: %', new.id, sqlerrm;
  insert into public.profiles (id, display_name, handle)
  values (new.id, 'New person', 'u' || left(replace(new.id::text, '-', ''), 31))
  on conflict do nothing;
  return new;
end
$function$;

-- Body of public.create_recovery_codes.
CREATE OR REPLACE FUNCTION private.create_recovery_codes()
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.create_recovery_codes() to authenticated, service_role;

-- Body of public.create_workspace.
CREATE OR REPLACE FUNCTION private.create_workspace(name text, slug text, icon text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  me uuid := private.caller_id();
  created public.workspaces;
begin
  if me is null then
    perform private.fail('not_allowed');
  end if;
  loop
    begin
      insert into public.workspaces (name, slug, icon, created_by)
      values (
        create_workspace.name,
        coalesce(create_workspace.slug, private.free_slug(private.clean_name(create_workspace.name))),
        create_workspace.icon,
        me
      )
      returning * into created;
      exit;
    exception when unique_violation or sqlstate 'PT409' then
      -- Taken, perhaps in this moment: a derived address is derived again, a chosen one is refused.
      if create_workspace.slug is not null then
        perform private.fail('workspace_slug_taken');
      end if;
    end;
  end loop;

  insert into public.workspace_members (workspace_id, user_id, role) values (created.id, me, 'owner');
  insert into public.channels (workspace_id, kind, name, purpose, created_by, default_at)
  values
    (created.id, 'public', 'general', 'Announcements and everything that concerns all of us.', me, now()),
    (created.id, 'public', 'random', 'Small talk, finds and everything else.', me, now());
  perform private.join_default_channels(created.id, me);
  return to_jsonb(created);
end
$function$;
grant execute on function private.create_workspace(text,text,text) to authenticated, service_role;

-- Body of public.delete_message.
CREATE OR REPLACE FUNCTION private.delete_message(message_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  message public.messages := private.readable_message(delete_message.message_id, 'message_not_found');
  channel public.channels;
begin
  select c.* into channel from public.channels c where c.id = message.channel_id;
  if message.user_id is distinct from private.person_id() and (
    channel.kind = 'direct' or coalesce(private.my_role(channel.workspace_id) not in ('owner', 'admin'), true)
  ) then
    perform private.fail('not_allowed');
  end if;

  -- Locks in the order of everybody else: root, files and reactions, message, head.
  if message.thread_id is not null then
    perform from public.messages m where m.id = message.thread_id for no key update;
  end if;
  perform from public.attachments a where a.message_id = message.id order by a.id for update;
  perform from public.reactions r where r.message_id = message.id order by r.user_id, r.emoji for update;
  update public.messages m set
    body = '', mentions = '{}', mentions_all = false, reactions = '{}', attachments = '[]',
    edited_at = null, deleted_at = clock_timestamp()
  where m.id = message.id and m.deleted_at is null;

  if found then
    delete from public.reactions r where r.message_id = message.id;
    if message.attachments <> '[]' then
      delete from public.attachments a where a.message_id = message.id;
    end if;
    update public.messages root set
      reply_count = root.reply_count - 1,
      last_reply_at = (
        select m.created_at from public.messages m
        where m.thread_id = root.id and m.deleted_at is null order by m.thread_seq desc limit 1),
      last_replier_ids = coalesce((
        select array_agg(people.user_id order by people.last desc)
        from (
          select m.user_id, max(m.thread_seq) as last from public.messages m
          where m.thread_id = root.id and m.deleted_at is null and m.user_id is not null
          group by m.user_id order by 2 desc limit 5
        ) people), '{}')
    where root.id = message.thread_id;
  end if;
  return (select to_jsonb(m) from public.messages m where m.id = message.id);
end
$function$;
grant execute on function private.delete_message(uuid) to authenticated, service_role;

-- Trigger: cleans a description. Error: text_too_long.
CREATE OR REPLACE FUNCTION private.describe_attachment()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.alt := nullif(private.clean_text(new.alt, 1000), '');
  return new;
end
$function$;

-- What stands after the last @ of an address, lower case; null without one.
CREATE OR REPLACE FUNCTION private.email_domain(email text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$ select nullif(lower(substring(email from '@([^@]+)$')), '') $function$;

-- Takes a person out of a workspace and all its channels, with their read states and drafts. Their messages stay. Error: last_owner.
CREATE OR REPLACE FUNCTION private.end_membership(workspace_id uuid, user_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  channel uuid;
begin
  -- In the order of the channels, so that two people who go at the same moment do not lock each other out.
  for channel in
    select m.channel_id from public.channel_members m
    where m.workspace_id = end_membership.workspace_id and m.user_id = end_membership.user_id
    order by m.channel_id
  loop
    delete from public.channel_members m where m.channel_id = channel and m.user_id = end_membership.user_id;
  end loop;
  delete from public.workspace_members m
  where m.workspace_id = end_membership.workspace_id and m.user_id = end_membership.user_id;
end
$function$;

-- Body of public.end_other_sessions.
CREATE OR REPLACE FUNCTION private.end_other_sessions()
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  ended int;
begin
  delete from auth.sessions s
  where s.user_id = private.signed_in_id()
    and s.id::text is distinct from current_setting('request.jwt.claims', true)::jsonb ->> 'session_id';
  get diagnostics ended = row_count;
  return jsonb_build_object('ended', ended);
end
$function$;
grant execute on function private.end_other_sessions() to authenticated, service_role;

-- Body of public.end_session.
CREATE OR REPLACE FUNCTION private.end_session(session_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  delete from auth.sessions s where s.id = end_session.session_id and s.user_id = private.signed_in_id();
  if not found then
    perform private.fail('session_not_found');
  end if;
  perform private.forget_person();
  return jsonb_build_object('session_id', session_id);
end
$function$;
grant execute on function private.end_session(uuid) to authenticated, service_role;

-- Signs out members whose sign-in does not have what a rule that was just made asks for; the rule itself stops them in any case.
CREATE OR REPLACE FUNCTION private.end_weak_sessions(rules workspace_security, before workspace_security)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
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
$function$;

-- A text that means itself inside a LIKE pattern.
CREATE OR REPLACE FUNCTION private.escape_like(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$ select replace(replace(replace(value, '\', '\\'), '%', '\%'), '_', '\_') $function$;

-- Refuses, with a sentence, what to do about it (hint) and a stable code (detail). A sqlstate PTxyz becomes HTTP status xyz. Every refusal of the schema is in private.refusal.
CREATE OR REPLACE FUNCTION private.fail(code text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  refusal record := private.refusal(code);
begin
  raise exception using
    errcode = refusal.status, message = refusal.message, detail = code, hint = refusal.hint;
end
$function$;

-- The workspace that was made first: its owners are those of the installation.
CREATE OR REPLACE FUNCTION private.first_workspace_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select w.id from public.workspaces w order by w.created_at, w.id limit 1 $function$;

-- Trigger: the domain of the address decides whether single sign-on is asked for; where it was, it stays so.
CREATE OR REPLACE FUNCTION private.follow_address()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.sso_bonds (user_id, domain)
  select new.id, private.email_domain(old.email)
  where exists (select from public.sso_connections c where private.email_domain(old.email) = any (c.domains))
    and exists (
      select from private.workspace_access a
      join public.workspace_security r on r.workspace_id = a.workspace_id
      where a.user_id = new.id and a.role <> 'owner' and r.require_sso
    )
  on conflict do nothing;
  perform private.note_account_change(array[new.id]);
  return null;
end
$function$;

-- Trigger: who is deactivated in every workspace cannot sign in; as soon as one takes them back, or forgets them, they can, unless somebody else has banned them.
CREATE OR REPLACE FUNCTION private.follow_deactivation()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  person uuid := case when tg_op = 'DELETE' then old.user_id else new.user_id end;
begin
  if private.is_deactivated(person) then
    insert into private.other_bans (user_id, banned_until)
    select u.id, u.banned_until from auth.users u
    where u.id = person and u.banned_until > now() and u.banned_until <> private.forever()
    on conflict (user_id) do update set banned_until = excluded.banned_until;
    update auth.users u set banned_until = private.forever()
    where u.id = person and u.banned_until is distinct from private.forever();
  else
    update auth.users u
    set banned_until = (select b.banned_until from private.other_bans b where b.user_id = person)
    where u.id = person and u.banned_until = private.forever();
    delete from private.other_bans b where b.user_id = person;
  end if;
  return null;
end
$function$;

-- Trigger: private.message_mentions follows messages.mentions.
CREATE OR REPLACE FUNCTION private.follow_message()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.keep_mentions(new);
  return null;
end
$function$;

-- Trigger: a factor that is verified or removed changes which of the person's tokens are strong enough; with the last one go the recovery codes.
CREATE OR REPLACE FUNCTION private.follow_second_factor()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  before auth.factor_status := case when tg_op = 'INSERT' then null else old.status end;
  after auth.factor_status := case when tg_op = 'DELETE' then null else new.status end;
  person uuid := case when tg_op = 'DELETE' then old.user_id else new.user_id end;
begin
  -- A factor counts when it is verified; being challenged changes a row too and means nothing here.
  if before is distinct from after then
    perform private.note_account_change(array[person]);
    if before = 'verified' and not exists (
      select from auth.mfa_factors f where f.user_id = person and f.status = 'verified'
    ) then
      delete from private.recovery_codes r where r.user_id = person;
    end if;
  end if;
  return null;
end
$function$;

-- Trigger: of whom single sign-on may be asked has changed.
CREATE OR REPLACE FUNCTION private.follow_sso_connection()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.note_account_change(array(
    select u.id from auth.users u
    where private.email_domain(u.email) = any (
      (case when tg_op = 'INSERT' then '{}' else old.domains end)
      || (case when tg_op = 'DELETE' then '{}' else new.domains end))));
  return null;
end
$function$;

-- The end of a ban by deactivation, by which it is told from bans that somebody else imposed. Not infinity, which Auth cannot read.
CREATE OR REPLACE FUNCTION private.forever()
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$ select timestamptz '9999-12-31 00:00:00+00' $function$;

-- For functions that change how strong the caller's sign-in is: from here on private.person_id looks again.
CREATE OR REPLACE FUNCTION private.forget_person()
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select set_config('person.token', '', true) $function$;

-- Trigger: a link into somebody's account that an admin of their only workspace has made, and the sign-ins that such links opened, do not reach the workspace that the person joins next.
CREATE OR REPLACE FUNCTION private.forget_reset_links()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if exists (
    select from public.workspace_members m
    where m.user_id = new.user_id and m.workspace_id <> new.workspace_id
  ) then
    delete from auth.one_time_tokens t where t.user_id = new.user_id and t.token_type = 'recovery_token';
    update auth.users u set recovery_token = '' where u.id = new.user_id and u.recovery_token <> '';
    delete from auth.sessions s
    where s.user_id = new.user_id and s.id is distinct from (auth.jwt() ->> 'session_id')::uuid
      and exists (select from auth.mfa_amr_claims c where c.session_id = s.id and c.authentication_method = 'otp');
  end if;
  return null;
end
$function$;

-- A handle like the wanted text that nobody has at the moment.
CREATE OR REPLACE FUNCTION private.free_handle(wanted text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  stem text := nullif(btrim(left(private.ascii_words(wanted, '.'), 28), '.'), '');
  candidate text;
begin
  stem := coalesce(stem, 'user');
  for attempt in 0..20 loop
    -- After a few readable numbers a random one: thousands may share a name.
    candidate := stem || case
      when attempt = 0 then ''
      when attempt <= 5 then (attempt + 1)::text
      else lpad((random() * 9999)::int::text, 4, '0')
    end;
    if not private.is_reserved_handle(candidate)
      and not exists (select from public.profiles p where p.handle = candidate) then
      return candidate;
    end if;
  end loop;
  return 'u' || left(replace(gen_random_uuid()::text, '-', ''), 31);
end
$function$;

-- An address like the name that no workspace has at the moment.
CREATE OR REPLACE FUNCTION private.free_slug(name text)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  stem text := coalesce(nullif(btrim(left(private.ascii_words(name, '-'), 40), '-'), ''), 'workspace');
  candidate text;
begin
  if char_length(stem) < 2 then
    stem := stem || '-team';
  end if;
  for attempt in 1..30 loop
    candidate := stem || case
      when attempt = 1 then ''
      when attempt <= 10 then '-' || attempt
      else '-' || (random() * 99999)::int
    end;
    if not private.is_reserved_slug(candidate)
      and not exists (select from public.workspaces w where w.slug = candidate) then
      return candidate;
    end if;
  end loop;
  return 'w-' || gen_random_uuid();
end
$function$;

-- The topics of the guests of a workspace who share a channel with somebody.
CREATE OR REPLACE FUNCTION private.guest_topics(workspace_id uuid, near uuid)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select private.user_topics(array(
    select g.user_id from private.workspace_access g
    where g.workspace_id = guest_topics.workspace_id and g.role = 'guest' and g.user_id <> guest_topics.near
      and exists (
        select from private.channel_access mine join private.channel_access theirs using (channel_id)
        where mine.user_id = g.user_id and theirs.user_id = guest_topics.near
      )
  ))
$function$;

-- What is kept of an invitation's code. A fast hash is enough: codes are random, 144 bits.
CREATE OR REPLACE FUNCTION private.hash_code(code text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$ select sha256(convert_to(btrim(code, E' \t\r\n'), 'UTF8')) $function$;

-- What is kept of a recovery code.
CREATE OR REPLACE FUNCTION private.hash_recovery_code(user_id uuid, code text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  -- As people type it: with other hyphens and spaces, in capitals, and with letters that look like digits.
  select sha256(convert_to(
    user_id::text || translate(regexp_replace(lower(code), '[^a-z0-9]', '', 'g'), 'ilo', '110'), 'UTF8'))
$function$;

-- Whether a person is in workspaces, and deactivated in all of them.
CREATE OR REPLACE FUNCTION private.is_deactivated(user_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(bool_and(m.deactivated_at is not null), false)
  from public.workspace_members m where m.user_id = is_deactivated.user_id
$function$;

-- Whether a text is an emoji, or the :short_name: of one. What everybody is shown under a message must be no message itself.
CREATE OR REPLACE FUNCTION private.is_emoji(value text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$
  -- Signs and pictures, with what joins and colours them; letters only where Unicode counts them as emoji.
  select char_length(value) <= 64 and value ~ (
    '^(:[a-z0-9_+-]{1,62}:|[0-9#*]\uFE0F?\u20E3'
    || '|[\u00A9\u00AE\u203C\u2049\u2122\u2139\u2190-\u27FF\u2900-\u2BFF\u3030\u303D\u3297\u3299\U0001F000-\U0001FBFF]'
    || '[\u200D\uFE0F\u2190-\u27FF\u2900-\u2BFF\U0001F000-\U0001FBFF\U000E0020-\U000E007F]*)$')
$function$;
grant execute on function private.is_emoji(text) to authenticated, service_role;

-- Whether the caller is a member of a channel.
CREATE OR REPLACE FUNCTION private.is_in_channel(channel_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (
    select 1 from private.channel_access a
    where a.channel_id = is_in_channel.channel_id and a.user_id = (select private.person_id())
  )
$function$;

-- Words that mean groups of people in a mention.
CREATE OR REPLACE FUNCTION private.is_reserved_channel_name(name text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$ select name in ('all', 'channel', 'everyone', 'group', 'here', 'me', 'you', 'team', 'archive', 'archived') $function$;

-- Words that mean groups or the system in a mention.
CREATE OR REPLACE FUNCTION private.is_reserved_handle(handle text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$ select handle in ('all', 'channel', 'everyone', 'group', 'here', 'me', 'you', 'someone', 'team', 'admin', 'admins', 'system', 'slackbot') $function$;

-- Addresses that belong to the application, now or later.
CREATE OR REPLACE FUNCTION private.is_reserved_slug(slug text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$
  select slug in (
    'about', 'account', 'admin', 'api', 'app', 'assets', 'auth', 'billing', 'blog', 'browse', 'create-workspace',
    'docs', 'download', 'favicon', 'health', 'help', 'home', 'invite', 'join', 'legal', 'login', 'logout', 'mail',
    'metrics', 'new', 'next', 'null', 'preferences', 'pricing', 'privacy', 'public', 'realtime', 'rest', 'root',
    'search', 'security', 'settings', 'sign-in', 'sign-out', 'sign-up', 'static', 'status', 'storage', 'support',
    'system', 'terms', 'undefined', 'www'
  )
$function$;

-- Whether a text has a character that leaves ink: not only spaces, controls, zero-width, bidirectional or filler characters.
CREATE OR REPLACE FUNCTION private.is_visible(value text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$
  select value ~ (
    '[^\u0001-\u0020\u007F-\u00A0\u00AD\u034F\u061C\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F\u2000-\u200F\u2028-\u202F'
    || '\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]'
  )
$function$;
grant execute on function private.is_visible(text) to authenticated, service_role;

-- Trigger: who comes through a connection for the first time becomes a member of its workspace. Somebody who was removed later does not come back by it.
CREATE OR REPLACE FUNCTION private.join_by_sso()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  connection public.sso_connections;
  joined boolean;
begin
  select c.* into connection from public.sso_connections c
  where new.provider = case c.kind when 'saml' then 'sso:' || c.provider else c.provider end
    -- A provider speaks for its own domains only, and an open one (anybody may have an account there) must have checked.
    and private.email_domain(new.identity_data ->> 'email') = any (c.domains)
    and (c.kind = 'saml' or new.identity_data ->> 'email_verified' = 'true');
  if connection.id is not null then
    insert into public.workspace_members (workspace_id, user_id, role)
    values (connection.workspace_id, new.user_id, connection.default_role)
    on conflict do nothing
    returning true into joined;
    if joined and connection.default_role <> 'guest' then
      perform private.join_default_channels(connection.workspace_id, new.user_id);
    end if;
  end if;
  return null;
exception when others then
  -- They can still be invited; the sign-in itself must not fail.
  raise warning 'joining % by % failed: %', new.user_id, new.provider, sqlerrm;
  return null;
end
$function$;

-- Body of public.join_channel.
CREATE OR REPLACE FUNCTION private.join_channel(channel_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  if not private.is_in_channel(channel.id) then
    if channel.archived_at is not null then
      perform private.fail('channel_archived');
    end if;
    perform private.add_to_channel(channel, array[private.person_id()]);
  end if;
  return private.channel_json(channel.id);
end
$function$;
grant execute on function private.join_channel(uuid) to authenticated, service_role;

-- What a newcomer finds: the channels with default_at.
CREATE OR REPLACE FUNCTION private.join_default_channels(workspace_id uuid, user_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  insert into public.channel_members (channel_id, user_id, workspace_id)
  select c.id, join_default_channels.user_id, c.workspace_id
  from public.channels c
  where c.workspace_id = join_default_channels.workspace_id
    and c.default_at is not null and c.archived_at is null
  order by c.id
  on conflict do nothing;
end
$function$;

-- Trigger: a workspace keeps at least one active owner. Error: last_owner.
CREATE OR REPLACE FUNCTION private.keep_an_owner()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if old.role = 'owner' and old.deactivated_at is null
    and (tg_op = 'DELETE' or new.role <> 'owner' or new.deactivated_at is not null) then
    -- Two owners may step down at the same moment: the workspace row makes them queue.
    perform from public.workspaces w where w.id = old.workspace_id for no key update;
    -- Nothing to protect when the workspace itself, or the person's account, is being deleted.
    if found
      and exists (select from public.profiles p where p.id = old.user_id)
      and not exists (
        select from public.workspace_members m
        where m.workspace_id = old.workspace_id and m.role = 'owner' and m.deactivated_at is null
          and m.user_id <> old.user_id
      ) then
      perform private.fail('last_owner');
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$function$;

-- Trigger: private.channel_access, the member count and the read state follow channel_members.
CREATE OR REPLACE FUNCTION private.keep_channel_access()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'DELETE' then
    delete from private.channel_access a where a.user_id = old.user_id and a.channel_id = old.channel_id;
    delete from private.message_mentions m where m.user_id = old.user_id and m.channel_id = old.channel_id;
    update public.channel_heads h set member_count = h.member_count - 1 where h.channel_id = old.channel_id;
  else
    insert into private.channel_access (user_id, channel_id, workspace_id)
    select a.user_id, new.channel_id, a.workspace_id from private.workspace_access a
    where a.user_id = new.user_id and a.workspace_id = new.workspace_id;
    update public.channel_heads h set member_count = h.member_count + 1 where h.channel_id = new.channel_id;
    -- What was said before one came is not unread.
    insert into public.read_states (user_id, channel_id, last_read_seq)
    select new.user_id, new.channel_id, h.last_seq from public.channel_heads h where h.channel_id = new.channel_id;
  end if;
  return null;
end
$function$;

-- Makes private.message_mentions say what a message says.
CREATE OR REPLACE FUNCTION private.keep_mentions(message messages)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  delete from private.message_mentions n
  where n.message_id = message.id and n.user_id <> all (message.mentions);
  if message.mentions <> '{}' then
    insert into private.message_mentions (message_id, user_id, channel_id, seq)
    select message.id, a.user_id, message.channel_id, message.seq
    from private.channel_access a
    where a.channel_id = message.channel_id and a.user_id = any (message.mentions)
      and a.user_id is distinct from message.user_id
    on conflict do nothing;
  end if;
end
$function$;

-- Trigger: Auth hands an account to whoever proves its address. The provider of a connection proves only addresses in its domains: with another one nobody gets into an account that exists, and it counts as not verified, so that its owner gets the account when they come. Error: not_allowed.
CREATE OR REPLACE FUNCTION private.keep_to_domains()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not exists (
    select from public.sso_connections c
    where new.provider = case c.kind when 'saml' then 'sso:' || c.provider else c.provider end
      and coalesce(private.email_domain(new.identity_data ->> 'email') <> all (c.domains), false)
  ) then
    return new;
  end if;
  -- A newcomer's account is made in the same transaction; every other one is somebody's.
  if tg_op = 'INSERT' and new.provider like 'custom:%'
    and exists (select from auth.users u where u.id = new.user_id and coalesce(u.created_at < now(), true)) then
    perform private.fail('not_allowed');
  end if;
  new.identity_data := new.identity_data || '{"email_verified": false}';
  return new;
end
$function$;

-- Trigger: private.workspace_access follows workspace_members, without those who are deactivated, and so does private.channel_access.
CREATE OR REPLACE FUNCTION private.keep_workspace_access()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'DELETE' or new.deactivated_at is not null then
    delete from private.workspace_access a where a.user_id = old.user_id and a.workspace_id = old.workspace_id;
    delete from private.channel_access a where a.user_id = old.user_id and a.workspace_id = old.workspace_id;
  else
    insert into private.workspace_access (user_id, workspace_id, role)
    values (new.user_id, new.workspace_id, new.role)
    on conflict (user_id, workspace_id) do update set role = excluded.role;
    if tg_op = 'UPDATE' and old.deactivated_at is not null then
      insert into private.channel_access (user_id, channel_id, workspace_id)
      select m.user_id, m.channel_id, m.workspace_id from public.channel_members m
      where m.user_id = new.user_id and m.workspace_id = new.workspace_id
      on conflict do nothing;
    end if;
    -- Who comes under a rule may see nothing any more, also elsewhere, until their sign-in is as it asks.
    if exists (select from public.workspace_security r where r.workspace_id = new.workspace_id) then
      perform private.note_account_change(array[new.user_id]);
    end if;
  end if;
  return null;
end
$function$;

-- Body of public.leave_channel.
CREATE OR REPLACE FUNCTION private.leave_channel(channel_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  if channel.kind = 'direct' then
    perform private.fail('not_allowed');
  end if;
  delete from public.channel_members m where m.channel_id = channel.id and m.user_id = private.person_id();
  return jsonb_build_object('channel_id', channel.id, 'user_id', private.person_id());
end
$function$;
grant execute on function private.leave_channel(uuid) to authenticated, service_role;

-- Body of public.leave_workspace.
CREATE OR REPLACE FUNCTION private.leave_workspace(workspace_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.require_role(workspace_id, 'owner', 'admin', 'member', 'guest');
  perform private.end_membership(workspace_id, private.person_id());
  return jsonb_build_object('workspace_id', workspace_id, 'user_id', private.person_id());
end
$function$;
grant execute on function private.leave_workspace(uuid) to authenticated, service_role;

-- Body of public.link_sso_members.
CREATE OR REPLACE FUNCTION private.link_sso_members(connection_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  connection public.sso_connections;
  linked int;
begin
  select c.* into connection from public.sso_connections c
  where c.id = link_sso_members.connection_id and c.kind = 'saml' and private.may_manage_sso(c.workspace_id);
  if connection.id is null then
    perform private.fail('connection_not_found');
  end if;
  insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
  select lower(u.email), u.id, jsonb_build_object('sub', lower(u.email), 'email', lower(u.email)), 'sso:' || connection.provider, now(), now()
  from public.workspace_members m
  join auth.users u on u.id = m.user_id
  where m.workspace_id = connection.workspace_id and m.deactivated_at is null
    and u.email_confirmed_at is not null and u.deleted_at is null and not u.is_sso_user
    and private.email_domain(u.email) = any (connection.domains)
    and not exists (
      select from auth.identities i where i.user_id = u.id and i.provider = 'sso:' || connection.provider)
  order by u.id
  on conflict do nothing;
  get diagnostics linked = row_count;
  return jsonb_build_object('linked', linked);
end
$function$;
grant execute on function private.link_sso_members(uuid) to authenticated, service_role;

-- Body of public.list_members.
CREATE OR REPLACE FUNCTION private.list_members(workspace_id uuid, query text, page_size integer, after_handle text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.require_role(workspace_id, 'owner', 'admin', 'member', 'guest');
  return private.members_page(workspace_id, null, query, page_size, after_handle);
end
$function$;
grant execute on function private.list_members(uuid,text,integer,text) to authenticated, service_role;

-- Body of public.list_sessions.
CREATE OR REPLACE FUNCTION private.list_sessions()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.list_sessions() to authenticated, service_role;

-- Trigger: who ends a membership waits for who is sending, before the read state goes: senders take the head first and the read state after.
CREATE OR REPLACE FUNCTION private.lock_channel_head()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform from public.channel_heads h where h.channel_id = old.channel_id for no key update;
  return old;
end
$function$;

-- The person of a token whose session stands and whose account may be used; unless weak, also strong enough. Else null.
CREATE OR REPLACE FUNCTION private.look_up_person(token jsonb, weak boolean)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

-- The profile of a new account: the name it was made with (display_name; full_name or name where another site knows it), else its address.
CREATE OR REPLACE FUNCTION private.make_profile(account auth.users)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  meta jsonb := account.raw_user_meta_data;
  wanted text := (
    select private.clean_line(name)
    from unnest(array[meta ->> 'display_name', meta ->> 'full_name', meta ->> 'name']) with ordinality as names (name, place)
    where private.is_visible(private.clean_line(name))
    order by place limit 1
  );
  local_part text := split_part(coalesce(account.email, ''), '@', 1);
begin
  if wanted is null then
    wanted := private.clean_line(local_part);
  end if;
  if not private.is_visible(wanted) then
    wanted := 'New person';
  end if;
  wanted := btrim(left(wanted, 80));

  -- Two sign-ups may take the same handle at the same moment: try again, at last with one nobody can have.
  for attempt in 1..5 loop
    begin
      insert into public.profiles (id, display_name, handle)
      values (
        account.id, wanted,
        case when attempt < 5
          then private.free_handle(coalesce(nullif(private.ascii_words(wanted, '.'), ''), local_part))
          else 'u' || left(replace(account.id::text, '-', ''), 31)
        end
      )
      on conflict (id) do nothing;
      return;
    exception when unique_violation then
      continue;
    end;
  end loop;
end
$function$;

-- Body of public.mark_read.
CREATE OR REPLACE FUNCTION private.mark_read(channel_id uuid, seq bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  channel public.channels := private.require_channel(mark_read.channel_id);
  upto bigint;
  state public.read_states;
begin
  select least(greatest(mark_read.seq, 0), h.last_seq) into upto
  from public.channel_heads h where h.channel_id = channel.id;
  update public.read_states r set
    last_read_seq = greatest(r.last_read_seq, upto),
    unread_from_seq = case when r.unread_from_seq > upto then r.unread_from_seq end,
    updated_at = now()
  where r.user_id = private.person_id() and r.channel_id = channel.id
    and (r.last_read_seq < upto or r.unread_from_seq <= upto);
  select r.* into state from public.read_states r where r.user_id = private.person_id() and r.channel_id = channel.id;
  if state.user_id is null then
    perform private.fail('not_a_member');
  end if;
  return to_jsonb(state);
end
$function$;
grant execute on function private.mark_read(uuid,bigint) to authenticated, service_role;

-- Body of public.mark_unread.
CREATE OR REPLACE FUNCTION private.mark_unread(channel_id uuid, seq bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  channel public.channels := private.require_channel(mark_unread.channel_id);
  state public.read_states;
begin
  update public.read_states r set
    unread_from_seq = greatest(mark_unread.seq, 1), updated_at = now()
  from public.channel_heads h
  where r.user_id = private.person_id() and r.channel_id = channel.id
    and h.channel_id = channel.id and mark_unread.seq <= h.last_seq;
  select r.* into state from public.read_states r where r.user_id = private.person_id() and r.channel_id = channel.id;
  if state.user_id is null then
    perform private.fail('not_a_member');
  end if;
  return to_jsonb(state);
end
$function$;
grant execute on function private.mark_unread(uuid,bigint) to authenticated, service_role;

-- Body of public.may_manage_sso.
CREATE OR REPLACE FUNCTION private.may_manage_sso(workspace_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select may_manage_sso.workspace_id = private.first_workspace_id() and coalesce(private.my_role(may_manage_sso.workspace_id) = 'owner', false)
$function$;
grant execute on function private.may_manage_sso(uuid) to authenticated, service_role;

-- Body of public.may_reset_password.
CREATE OR REPLACE FUNCTION private.may_reset_password(user_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (
    select from private.workspace_access a
    where a.user_id = private.person_id() and a.workspace_id = private.first_workspace_id() and a.role = 'owner'
      and exists (select from auth.users u where u.id = may_reset_password.user_id)
  ) or coalesce((
    -- Roles are in the order of their power. Somebody without a workspace has nobody who could vouch for them.
    select bool_and(mine.role is not null and mine.role in ('owner', 'admin') and mine.role <= m.role)
    from public.workspace_members m
    left join private.workspace_access mine
      on mine.workspace_id = m.workspace_id and mine.user_id = private.person_id()
    where m.user_id = may_reset_password.user_id
  ), false)
$function$;
grant execute on function private.may_reset_password(uuid) to authenticated, service_role;

-- Locks a membership that the caller may change (an owner any, an admin those of members and guests) and returns the caller's role. Errors: workspace_not_found, not_allowed, person_not_found.
CREATE OR REPLACE FUNCTION private.member_to_manage(workspace_id uuid, user_id uuid)
 RETURNS workspace_role
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  mine public.workspace_role := private.require_role(member_to_manage.workspace_id, 'owner', 'admin');
  theirs public.workspace_role;
begin
  select m.role into theirs from public.workspace_members m
  where m.workspace_id = member_to_manage.workspace_id and m.user_id = member_to_manage.user_id
  for update;
  if theirs is null then
    perform private.fail('person_not_found');
  elsif mine = 'admin' and theirs in ('owner', 'admin') then
    perform private.fail('not_allowed');
  end if;
  return mine;
end
$function$;

-- A page of people of a workspace, or of one of its channels, that the caller may see.
CREATE OR REPLACE FUNCTION private.members_page(workspace_id uuid, channel_id uuid, query text, page_size integer, after_handle text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('role', page.role, 'joined_at', page.joined_at, 'deactivated_at', page.deactivated_at) order by p.handle), '[]')
  from (
    select m.user_id, m.role, coalesce(c.joined_at, m.joined_at) as joined_at, m.deactivated_at
    from public.workspace_members m
    join public.profiles p on p.id = m.user_id
    left join public.channel_members c
      on c.channel_id = members_page.channel_id and c.user_id = m.user_id
    where m.workspace_id = members_page.workspace_id
      and (members_page.channel_id is null or c.user_id is not null)
      and (after_handle is null or p.handle > after_handle)
      and (
        coalesce(btrim(query), '') = ''
        or p.handle like '%' || private.escape_like(lower(btrim(query, ' @'))) || '%'
        or p.display_name ilike '%' || private.escape_like(btrim(query)) || '%'
      )
      and (
        m.user_id = (select private.person_id())
        or (select private.my_role(members_page.workspace_id)) <> 'guest'
        or exists (
          select 1
          from private.channel_access mine
          join private.channel_access theirs on theirs.channel_id = mine.channel_id
          where mine.user_id = (select private.person_id())
            and mine.workspace_id = members_page.workspace_id
            and theirs.user_id = m.user_id
        )
      )
    order by p.handle
    limit private.page_size(page_size)
  ) page
  join public.profiles p on p.id = page.user_id
$function$;

-- People a message names: members of the channel; in a public one also of the workspace, unless its author is a guest.
CREATE OR REPLACE FUNCTION private.mentioned_people(body text, channel_id uuid, author_id uuid)
 RETURNS uuid[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select case when position('@' in body) = 0 then '{}' else (
    select coalesce(array_agg(p.id order by p.id), '{}')
    from public.profiles p
    join public.channels c on c.id = mentioned_people.channel_id
    where p.handle = any (private.mentioned_words(body))
      and (
        exists (
          select 1 from private.channel_access a where a.channel_id = c.id and a.user_id = p.id
        )
        or (c.kind = 'public' and exists (
          -- A guest who writes must not learn by trying who else works here.
          select 1
          from private.workspace_access theirs
          left join private.workspace_access author
            on author.workspace_id = theirs.workspace_id and author.user_id = author_id
          where theirs.workspace_id = c.workspace_id and theirs.user_id = p.id
            and theirs.role <> 'guest' and author.role is distinct from 'guest'
        ))
      )
  ) end
$function$;

-- The words after @ in a message, outside of code, lower case.
CREATE OR REPLACE FUNCTION private.mentioned_words(body text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$
  -- Code does not call anybody, and neither does the second half of an e-mail address.
  select case when position('@' in body) = 0 then '{}' else (
    select coalesce(array_agg(distinct rtrim(lower(found[1]), '._-')), '{}')
    from regexp_matches(
      regexp_replace(regexp_replace(body, '```.*?(```|$)', ' ', 'g'), '`[^`\n]*`', ' ', 'g'),
      '(?<![[:alnum:]_.@/-])@([a-z0-9][a-z0-9._-]*)', 'gi'
    ) as found
  ) end
$function$;

-- Whether a message calls everybody in the channel.
CREATE OR REPLACE FUNCTION private.mentions_everybody(body text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO ''
AS $function$ select private.mentioned_words(body) && array['channel', 'here', 'everyone'] $function$;

-- Body of public.message_context.
CREATE OR REPLACE FUNCTION private.message_context(message_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  message public.messages := private.readable_message(message_id, 'message_not_found');
begin
  return jsonb_build_object(
    'channel_id', message.channel_id,
    'thread_id', message.thread_id,
    'seq', coalesce(message.seq, (select root.seq from public.messages root where root.id = message.thread_id)),
    'thread_seq', message.thread_seq
  );
end
$function$;
grant execute on function private.message_context(uuid) to authenticated, service_role;

-- Whether a connection has the domain of this address and the token was not got through it.
CREATE OR REPLACE FUNCTION private.misses_sso(user_id uuid, email text, token jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select exists (
    select from public.sso_connections c
    where (
      private.email_domain(misses_sso.email) = any (c.domains)
      or exists (select from private.sso_bonds b where b.user_id = misses_sso.user_id and b.domain = any (c.domains))
    ) and not exists (
      select
      from jsonb_array_elements(case jsonb_typeof(token -> 'amr') when 'array' then token -> 'amr' else '[]' end) as proofs (proof)
      -- The token says how, but often not where. Auth notes it on the identity, up to the ten minutes before the session that
      -- it may take to come back with a code.
      join auth.sessions s on s.id::text = token ->> 'session_id' and s.user_id = misses_sso.user_id
      join auth.identities i on i.user_id = s.user_id and i.last_sign_in_at >= s.created_at - interval '10 minutes'
      where (
        c.kind = 'saml' and proof ->> 'method' = 'sso/saml' and i.provider = 'sso:' || c.provider
        and coalesce(proof ->> 'provider', c.provider) = c.provider
      ) or (
        c.kind = 'oidc' and proof ->> 'method' = 'oauth' and i.provider = c.provider
      )
    )
  )
$function$;

-- Trigger: a message that is moved to another channel takes its files along, so that who may read them is who may read it.
CREATE OR REPLACE FUNCTION private.move_attachments()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update storage.objects o set name = new.channel_id::text || '/' || a.id::text
  from public.attachments a
  where a.message_id = new.id and o.bucket_id = 'attachments' and o.name = a.path;
  update public.attachments a set channel_id = new.channel_id where a.message_id = new.id;
  return null;
end
$function$;

-- The caller's role in a workspace; null when not in it.
CREATE OR REPLACE FUNCTION private.my_role(workspace_id uuid)
 RETURNS workspace_role
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select a.role from private.workspace_access a
  where a.user_id = (select private.person_id()) and a.workspace_id = my_role.workspace_id
$function$;

-- A person's workspaces with what waits there, of all their channels: [{…row of workspaces, role, unread, mention_count}], first joined first. Muted channels do not make a workspace unread, but their mentions count.
CREATE OR REPLACE FUNCTION private.my_workspaces_json(me uuid, waiting private.channel_waiting[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return (
    select coalesce(jsonb_agg(
      to_jsonb(w) || jsonb_build_object(
        'role', a.role,
        'unread', coalesce(counts.unread, false),
        'mention_count', coalesce(counts.mention_count, 0)
      ) order by m.joined_at, w.id), '[]')
    from private.workspace_access a
    join public.workspaces w on w.id = a.workspace_id
    join public.workspace_members m on m.workspace_id = a.workspace_id and m.user_id = a.user_id
    left join (
      select
        c.workspace_id,
        bool_or(c.unread and cm.muted_at is null) as unread,
        sum(c.mention_count) as mention_count
      from unnest(waiting) c
      join public.channel_members cm on cm.channel_id = c.channel_id and cm.user_id = me
      join public.channels channel on channel.id = c.channel_id and channel.archived_at is null
      group by c.workspace_id
    ) counts on counts.workspace_id = a.workspace_id
    where a.user_id = me
  );
end
$function$;

-- Makes realtime ask again what these people may see.
CREATE OR REPLACE FUNCTION private.note_account_change(user_ids uuid[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.account_changes (user_id)
  select u.id from auth.users u where u.id = any (user_ids) order by u.id
  on conflict (user_id) do update set changed_at = now()
$function$;

-- Body of public.open_direct.
CREATE OR REPLACE FUNCTION private.open_direct(workspace_id uuid, user_ids uuid[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  people uuid[];
  key text;
  opened public.channels;
begin
  perform private.require_role(open_direct.workspace_id, 'owner', 'admin', 'member', 'guest');
  people := private.require_people(open_direct.workspace_id, array_append(open_direct.user_ids, private.person_id()));
  if cardinality(people) > 20 then
    perform private.fail('too_many_people');
  end if;
  key := array_to_string(people, ',');

  -- Everybody who opens the same conversation at the same moment queues here.
  perform pg_advisory_xact_lock(hashtextextended(open_direct.workspace_id || key, 0));
  select c.* into opened
  from private.direct_conversations d join public.channels c on c.id = d.channel_id
  where d.workspace_id = open_direct.workspace_id and d.direct_key = key;
  if opened.id is null then
    insert into public.channels (workspace_id, kind, created_by)
    values (open_direct.workspace_id, 'direct', private.person_id())
    returning * into opened;
    insert into private.direct_conversations (channel_id, workspace_id, direct_key)
    values (opened.id, opened.workspace_id, key);
  end if;
  -- Whoever left the workspace and came back takes part again.
  perform private.add_to_channel(opened, people);
  return private.channel_json(opened.id);
end
$function$;
grant execute on function private.open_direct(uuid,uuid[]) to authenticated, service_role;

-- Whether the caller may change what lies here: their own folder of avatars, the folder of a workspace they administrate.
CREATE OR REPLACE FUNCTION private.owns_picture(bucket_id text, name text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case owns_picture.bucket_id
    when 'avatars' then (storage.foldername(owns_picture.name))[1] = (select private.person_id())::text
    when 'workspace-icons' then exists (
      select 1 from private.workspace_access a
      where a.workspace_id::text = (storage.foldername(owns_picture.name))[1]
        and a.user_id = (select private.person_id()) and a.role in ('owner', 'admin'))
    else false
  end
$function$;
grant execute on function private.owns_picture(text,text) to authenticated, service_role;

-- Rows of a page: what was asked for, from 1 to 200.
CREATE OR REPLACE FUNCTION private.page_size(wanted integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$ select least(greatest(coalesce(wanted, 50), 1), 200) $function$;

-- Profiles of the authors, repliers and named people of messages; a guest gets named people only where they share a channel. Checks nothing else.
CREATE OR REPLACE FUNCTION private.people_json(messages messages[], guest boolean)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return (
    with shown as (
      select m.user_id, m.last_replier_ids, m.mentions from unnest(messages) m
    ),
    people as (
      select user_id as id from shown
      union
      select unnest(last_replier_ids) from shown
      union
      select named.id from (select distinct unnest(mentions) as id from shown) named
      where not guest or exists (
        select 1
        from private.channel_access mine
        join private.channel_access theirs on theirs.channel_id = mine.channel_id
        where mine.user_id = (select private.person_id()) and theirs.user_id = named.id
      )
    )
    select coalesce(json_agg(p order by p.handle), '[]')
    -- An array, so that they are found by their ids, however many people there are.
    from public.profiles p where p.id = any (array(select id from people))
  );
end
$function$;

-- The caller, if their sign-in counts: the session stands, the account is not banned, and the sign-in is strong enough (second factor, single sign-on) for the person and all their workspaces. Else null. What policies and functions use in place of auth.uid().
CREATE OR REPLACE FUNCTION private.person_id()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.person_id() to authenticated, service_role;

-- Trigger: cleans and checks a file that is about to be uploaded. Errors: name_blank, text_too_long, attachment_empty, attachment_too_large, too_many_attachments, channel_not_found, not_a_member, channel_archived.
CREATE OR REPLACE FUNCTION private.place_attachment()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  me uuid := private.caller_id();
begin
  new.name := private.clean_text(regexp_replace(new.name, '^.*[/\\]', ''), 255);
  if new.name is null or not private.is_visible(new.name) then
    perform private.fail('name_blank');
  end if;
  new.type := lower(split_part(coalesce(new.type, ''), ';', 1));
  if new.type !~ '^[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}$' then
    new.type := 'application/octet-stream';
  end if;
  new.alt := nullif(private.clean_text(new.alt, 1000), '');
  if coalesce(new.size, 0) < 1 then
    perform private.fail('attachment_empty');
  elsif new.size > 1073741824 then
    perform private.fail('attachment_too_large');
  end if;

  if me is not null then
    if not private.is_in_channel(new.channel_id) then
      perform private.refuse_sender(new.channel_id);
    end if;
    perform private.check_open(new.channel_id);
    -- One after the other, or a hundred at one moment would each find room.
    perform pg_advisory_xact_lock(hashtextextended('attachments', 0) # uuid_hash_extended(me, 0));
    if (select count(*) from public.attachments a where a.user_id = me and a.message_id is null) >= 100 then
      perform private.fail('too_many_attachments');
    end if;
    new.created_at := clock_timestamp();
  end if;
  return new;
end
$function$;

-- Trigger: checks a new message, takes its files, gives it its numbers and adds a reply to its root; sent again by its author it is skipped without taking any. Without a signed-in person (secret key, imports) author, times and files are as given. Errors: empty_message, message_too_long, message_id_taken, channel_not_found, not_a_member, channel_archived, thread_not_found, attachment_not_found, attachment_not_uploaded, too_many_attachments.
CREATE OR REPLACE FUNCTION private.place_message()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  me uuid := private.caller_id();
  locked text;
  taken record;
  root record;
begin
  new.user_id := coalesce(me, new.user_id);

  -- First the id: the same message may arrive twice at once, and a number taken for the second would leave a hole.
  -- (Assigned, because plpgsql evaluates that by itself: a statement of its own costs it five times as much.)
  locked := pg_advisory_xact_lock(uuid_hash_extended(new.id, 0))::text;
  select m.id, m.user_id, m.channel_id, m.thread_id, exists (
    select from private.channel_access a where a.channel_id = new.channel_id and a.user_id = me
  ) as is_member into taken
  from (select) as one left join public.messages m on m.id = new.id;
  if taken.id is not null then
    if taken.user_id = new.user_id and taken.channel_id = new.channel_id
      and taken.thread_id is not distinct from new.thread_id then
      return null;
    end if;
    perform private.fail('message_id_taken');
  end if;

  -- Nearly every message has a letter or digit that is easy to find.
  if new.body is null or char_length(new.body) > 40000 or (new.body !~ '[!-~]' and (new.attachments = '[]' or new.body <> '')) then
    perform private.check_body(new.body);
  end if;
  if me is not null and not taken.is_member then
    perform private.refuse_sender(new.channel_id);
  end if;
  if me is not null and new.attachments <> '[]' then
    new.attachments := private.take_attachments(new, me);
  end if;
  new.mentions := '{}';
  new.mentions_all := false;
  if position('@' in new.body) > 0 then
    new.mentions_all := new.thread_id is null and private.mentions_everybody(new.body);
    new.mentions := private.mentioned_people(new.body, new.channel_id, new.user_id);
  end if;
  new.reactions := '{}';
  new.reply_count := 0;
  new.last_reply_at := null;
  new.last_replier_ids := '{}';
  new.last_thread_seq := 0;

  if new.thread_id is not null then
    select m.last_thread_seq, m.deleted_at into root
    from public.messages m
    where m.id = new.thread_id and m.channel_id = new.channel_id and m.thread_id is null
    for no key update;
    if not found or (root.deleted_at is not null and root.last_thread_seq = 0) then
      perform private.fail('thread_not_found');
    end if;
    if me is not null then
      new.created_at := clock_timestamp();
    end if;
    -- Here and not after the insert: the next row of the same statement may be a reply to the same root.
    update public.messages m set
      reply_count = m.reply_count + 1,
      last_reply_at = new.created_at,
      last_replier_ids = (array_remove(array_prepend(new.user_id, array_remove(m.last_replier_ids, new.user_id)), null))[1:5],
      last_thread_seq = m.last_thread_seq + 1
    where m.id = new.thread_id
    returning m.last_thread_seq into new.thread_seq;
    new.seq := null;
    update public.channel_heads h set last_rev = h.last_rev + 1
    where h.channel_id = new.channel_id
    returning h.last_rev into new.rev;
  else
    new.thread_seq := null;
    -- Times are read under the lock: they follow the order of the numbers.
    update public.channel_heads h set
      last_rev = h.last_rev + 1,
      last_seq = h.last_seq + 1,
      last_message_at = greatest(h.last_message_at, case when me is null then new.created_at else clock_timestamp() end)
    where h.channel_id = new.channel_id
    returning h.last_rev, h.last_seq, case when me is null then new.created_at else clock_timestamp() end
    into new.rev, new.seq, new.created_at;
  end if;
  if new.rev is null then
    perform private.fail('channel_not_found');
  end if;

  if me is not null then
    new.edited_at := null;
    new.deleted_at := null;
  elsif new.deleted_at is not null then
    raise check_violation using message = 'A message is written before it is deleted.';
  end if;

  if new.thread_id is null then
    -- A message of the timeline is read by who sent it. Who finds that the channel is open on the way need not look again.
    update public.read_states r set last_read_seq = new.seq, unread_from_seq = null, updated_at = now()
    from public.channels c
    where r.user_id = new.user_id and r.channel_id = new.channel_id and c.id = r.channel_id
      and (me is null or (c.archived_at is null and exists (
        select from private.channel_access a where a.channel_id = r.channel_id and a.user_id = me)));
  end if;
  if me is not null and (new.thread_id is not null or not found) then
    perform private.check_open(new.channel_id);
  end if;
  return new;
end
$function$;

-- Trigger: checks a reaction; the same one again is skipped. Errors: emoji_invalid, message_not_found, too_many_reactions.
CREATE OR REPLACE FUNCTION private.place_reaction()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  message public.messages;
begin
  perform private.caller_id();
  new.emoji := normalize(btrim(new.emoji), NFC);
  if new.emoji is null or not private.is_emoji(new.emoji) then
    perform private.fail('emoji_invalid');
  end if;
  -- Takes the message's row before its channel's head, as every writer does.
  select m.* into message from public.messages m where m.id = new.message_id for no key update;
  if message.id is null or (private.caller_id() is not null and not private.is_in_channel(message.channel_id))
    or message.deleted_at is not null then
    perform private.fail('message_not_found');
  end if;
  new.channel_id := message.channel_id;
  if private.caller_id() is not null then
    new.created_at := clock_timestamp();
  end if;
  if exists (
    select from public.reactions r
    where r.message_id = new.message_id and r.user_id = new.user_id and r.emoji = new.emoji
  ) then
    return null;
  end if;
  if not message.reactions ? new.emoji and (
    select count(*) from jsonb_object_keys(message.reactions)) >= 50 then
    perform private.fail('too_many_reactions');
  end if;
  return new;
end
$function$;

-- Body of public.preview_invitation.
CREATE OR REPLACE FUNCTION private.preview_invitation(code text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  invitation public.invitations := private.usable_invitation(code);
begin
  return (
    select jsonb_build_object(
      'workspace', jsonb_build_object('name', w.name, 'slug', w.slug, 'icon', w.icon),
      'role', invitation.role,
      'email', invitation.email,
      'expires_at', invitation.expires_at,
      'invited_by', case when p.id is not null then jsonb_build_object(
        'display_name', p.display_name, 'handle', p.handle, 'avatar_url', p.avatar_url) end
    )
    from public.workspaces w
    left join public.profiles p on p.id = invitation.created_by
    where w.id = invitation.workspace_id
  );
end
$function$;
grant execute on function private.preview_invitation(text) to anon, authenticated, service_role;

-- A message that the caller may read; else the named refusal, the same for missing and hidden ones.
CREATE OR REPLACE FUNCTION private.readable_message(message_id uuid, refusal text)
 RETURNS messages
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  message public.messages;
begin
  select m.* into message
  from public.messages m
  join public.channels c on c.id = m.channel_id
  where m.id = readable_message.message_id
    and (private.is_in_channel(c.id) or (c.kind = 'public' and private.my_role(c.workspace_id) <> 'guest'));
  if message.id is null then
    perform private.fail(refusal);
  end if;
  return message;
end
$function$;

-- How clients hear of changes: postgres_changes or broadcast.
CREATE OR REPLACE FUNCTION private.realtime_transport()
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select case when exists (
    select from pg_catalog.pg_trigger t
    where t.tgrelid = 'public.messages'::regclass and t.tgname = 'messages_tell'
  ) then 'broadcast' else 'postgres_changes' end
$function$;

-- Body of public.recovery_codes_left.
CREATE OR REPLACE FUNCTION private.recovery_codes_left()
 RETURNS integer
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select count(*)::int from private.recovery_codes r where r.user_id = private.person_id() $function$;
grant execute on function private.recovery_codes_left() to authenticated, service_role;

-- The catalogue of refusals: sqlstate, sentence and what to do. A code that is not in it is a mistake and raises.
CREATE OR REPLACE FUNCTION private.refusal(code text, OUT status text, OUT message text, OUT hint text)
 RETURNS record
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
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
    ('domain_taken', 'PT409', 'Another connection has this domain already.', 'Remove it there first.'),
    ('attachment_empty', 'PT422', 'This file is empty.', 'Choose a file with something in it.'),
    ('attachment_too_large', 'PT413', 'A file can have 1 GB at most.', 'Compress it, or share it as a link.'),
    ('attachment_not_found', 'PT404', 'There is no such file, or it is not yours to send here.', 'Attach the file again.'),
    ('attachment_not_uploaded', 'PT409', 'This file has not been uploaded completely.', 'Upload it again, then send the message.'),
    ('too_many_attachments', 'PT422', 'A message can have 20 files at most, and 100 files can wait to be sent.', 'Send them in several messages.'),
    ('attachments_full', 'PT413', 'With this file you would keep more than the server allows each person.', 'Delete messages with large files, or ask an administrator for more room.'),
    ('search_empty', 'PT422', 'There is nothing to search for.', 'Enter a word, or a filter such as from: or in:.'),
    ('search_too_long', 'PT422', 'A search can have 20 words, 200 characters in each, and 20 people or places.', 'Leave something out.'),
    ('search_invalid', 'PT422', 'This is not a search.', 'Terms are {text, prefix, not}; has is link, file or reaction.'),
    ('search_too_slow', 'PT503', 'This search takes too long.', 'Add a word, a person, a channel or a date.')
  ) as catalogue (code, status, message, hint)
  where catalogue.code = refusal.code;
end
$function$;

-- What a function returns to refuse without undoing what it did: over HTTP it looks like private.fail.
CREATE OR REPLACE FUNCTION private.refuse_and_keep(code text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  refusal record := private.refusal(code);
begin
  perform set_config('response.status', substr(refusal.status, 3), true);
  return jsonb_build_object(
    'code', refusal.status, 'message', refusal.message, 'details', code, 'hint', refusal.hint);
end
$function$;

-- Says why somebody who is not a member may not write in a channel. Errors: channel_not_found, not_a_member.
CREATE OR REPLACE FUNCTION private.refuse_sender(channel_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform private.require_channel(channel_id);
  perform private.fail('not_a_member');
end
$function$;

-- Body of public.remove_channel_member.
CREATE OR REPLACE FUNCTION private.remove_channel_member(channel_id uuid, user_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  channel public.channels := private.require_channel(remove_channel_member.channel_id);
  role public.workspace_role := private.my_role(channel.workspace_id);
begin
  if remove_channel_member.user_id = private.person_id() then
    return private.leave_channel(channel.id);
  elsif channel.kind = 'direct' or role is null or not (
    role in ('owner', 'admin')
    or (role = 'member' and channel.created_by = private.person_id() and private.is_in_channel(channel.id))
  ) then
    perform private.fail('not_allowed');
  end if;
  delete from public.channel_members m
  where m.channel_id = channel.id and m.user_id = remove_channel_member.user_id;
  if not found then
    perform private.fail('person_not_found');
  end if;
  return jsonb_build_object('channel_id', channel.id, 'user_id', remove_channel_member.user_id);
end
$function$;
grant execute on function private.remove_channel_member(uuid,uuid) to authenticated, service_role;

-- Trigger: a file that is gone leaves no object in storage, and so no address that still works.
CREATE OR REPLACE FUNCTION private.remove_objects()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- Supabase asks for this where objects are deleted by SQL, because their bytes then stay behind: the product deletes through
  -- the storage API first. Whoever does not, has taken away the object and every address of it with this transaction all the same.
  perform set_config('storage.allow_delete_query', 'true', true);
  delete from storage.objects o using gone where o.bucket_id = 'attachments' and o.name = gone.path;
  perform set_config('storage.allow_delete_query', 'false', true);
  return null;
end
$function$;

-- Trigger: every new file clears away up to 20 that anybody left unsent for a day.
CREATE OR REPLACE FUNCTION private.remove_stale_attachments()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.clear_stale_attachments(20);
  return null;
end
$function$;

-- Body of public.remove_workspace_member.
CREATE OR REPLACE FUNCTION private.remove_workspace_member(workspace_id uuid, user_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.member_to_manage(workspace_id, user_id);
  perform private.end_membership(workspace_id, user_id);
  return jsonb_build_object('workspace_id', workspace_id, 'user_id', user_id);
end
$function$;
grant execute on function private.remove_workspace_member(uuid,uuid) to authenticated, service_role;

-- A channel that the caller may read: as a member, or a public one of the caller's workspace unless a guest. Error: channel_not_found, the same for missing and hidden ones.
CREATE OR REPLACE FUNCTION private.require_channel(channel_id uuid)
 RETURNS channels
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  channel public.channels;
begin
  select c.* into channel
  from public.channels c
  where c.id = require_channel.channel_id
    and (
      exists (
        select 1 from private.channel_access a
        where a.channel_id = c.id and a.user_id = (select private.person_id())
      )
      or (c.kind = 'public' and private.my_role(c.workspace_id) <> 'guest')
    );
  if channel.id is null then
    perform private.fail('channel_not_found');
  end if;
  return channel;
end
$function$;

-- People of a workspace whom the caller may see, sorted, each once. Error: person_not_found, the same for missing and hidden ones.
CREATE OR REPLACE FUNCTION private.require_people(workspace_id uuid, user_ids uuid[])
 RETURNS uuid[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  people uuid[];
begin
  select coalesce(array_agg(distinct person order by person), '{}') into people
  from unnest(user_ids) as wanted (person);
  if (
    select count(*)
    from private.workspace_access a
    where a.workspace_id = require_people.workspace_id and a.user_id = any (people)
      and (
        a.user_id = private.person_id()
        or private.my_role(require_people.workspace_id) <> 'guest'
        or exists (
          select 1
          from private.channel_access mine
          join private.channel_access theirs on theirs.channel_id = mine.channel_id
          where mine.user_id = private.person_id() and mine.workspace_id = a.workspace_id and theirs.user_id = a.user_id
        )
      )
  ) <> cardinality(people) then
    perform private.fail('person_not_found');
  end if;
  return people;
end
$function$;

-- The caller's role in a workspace, which must be one of those named. Errors: workspace_not_found, not_allowed.
CREATE OR REPLACE FUNCTION private.require_role(workspace_id uuid, VARIADIC allowed workspace_role[])
 RETURNS workspace_role
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  role public.workspace_role := private.my_role(workspace_id);
begin
  if role is null then
    perform private.fail('workspace_not_found');
  elsif role <> all (allowed) then
    perform private.fail('not_allowed');
  end if;
  return role;
end
$function$;

-- Trigger: every change of a message takes the channel's next rev; an edit is checked like a new message. Errors: empty_message, message_too_long, channel_archived.
CREATE OR REPLACE FUNCTION private.revise_message()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if (new.thread_id is null) <> (new.seq is not null) or (new.thread_id is null) <> (new.thread_seq is null) then
    raise check_violation using message = 'A message has its place in the timeline or in a thread.';
  elsif new.deleted_at is not null
    and (new.body, new.mentions, new.reactions, new.attachments) is distinct from ('', '{}'::uuid[], '{}'::jsonb, '[]'::jsonb) then
    raise check_violation using message = 'A deleted message is empty.';
  end if;

  -- Nothing changed, or the author's account is being deleted (which clients see by the missing profile).
  if new is not distinct from old or (new.user_id is null and old.user_id is not null) then
    return new;
  end if;

  if new.body is distinct from old.body and new.deleted_at is null then
    if new.attachments = '[]' or new.body <> '' then
      perform private.check_body(new.body);
    end if;
    if private.caller_id() is not null or new.edited_at is not distinct from old.edited_at then
      new.edited_at := clock_timestamp();
    end if;
    new.mentions_all := new.thread_id is null and private.mentions_everybody(new.body);
    new.mentions := private.mentioned_people(new.body, new.channel_id, new.user_id);
  end if;

  update public.channel_heads h set last_rev = h.last_rev + 1
  where h.channel_id = new.channel_id
  returning h.last_rev into new.rev;

  if new.body is distinct from old.body and new.deleted_at is null and private.caller_id() is not null then
    perform private.check_open(new.channel_id);
  end if;
  return new;
end
$function$;

-- Body of public.revoke_invitation.
CREATE OR REPLACE FUNCTION private.revoke_invitation(invitation_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  invitation public.invitations;
  mine public.workspace_role;
begin
  select i.* into invitation from public.invitations i where i.id = invitation_id for update;
  mine := private.my_role(invitation.workspace_id);
  if mine is null or (mine not in ('owner', 'admin') and invitation.created_by is distinct from private.person_id()) then
    perform private.fail('invitation_not_found');
  end if;
  update public.invitations i set revoked_at = coalesce(i.revoked_at, now())
  where i.id = invitation_id
  returning i.* into invitation;
  return to_jsonb(invitation);
end
$function$;
grant execute on function private.revoke_invitation(uuid) to authenticated, service_role;

-- The people with these handles.
CREATE OR REPLACE FUNCTION private.search_authors(handles text[])
 RETURNS uuid[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  -- Nobody with this handle is somebody who wrote nothing: it takes as long, whether the person exists or not.
  select coalesce(
    (select array_agg(p.id) from public.profiles p where p.handle = any (handles)),
    array['00000000-0000-0000-0000-000000000000'::uuid])
$function$;

-- A text as search compares it: lower case, without accents (ü is u, ß is ss), its words parted by one space each. The same for messages and for what is searched.
CREATE OR REPLACE FUNCTION private.search_fold(value text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT COST 1000
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.search_fold(text) to authenticated, service_role;

-- What messages_search_idx knows of a message: its words, and beside them channel, author, when, and whether it is in a thread or has a link, files or reactions.
CREATE OR REPLACE FUNCTION private.search_keys(body text, attachments jsonb, channel_id uuid, user_id uuid, created_at timestamp with time zone, in_thread boolean, has_reactions boolean)
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE COST 10000
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.search_keys(text,jsonb,uuid,uuid,timestamp with time zone,boolean,boolean) to authenticated, service_role;

-- Body of public.search_messages.
CREATE OR REPLACE FUNCTION private.search_messages(workspace_id uuid, terms jsonb, from_handles text[], not_from_handles text[], in_places text[], not_in_places text[], since timestamp with time zone, until timestamp with time zone, has text[], has_not text[], in_thread boolean, before_at timestamp with time zone, before_id uuid, page_size integer)
 RETURNS json
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
 SET max_parallel_workers_per_gather TO '0'
AS $function$
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
$function$;
grant execute on function private.search_messages(uuid,jsonb,text[],text[],text[],text[],timestamp with time zone,timestamp with time zone,text[],text[],boolean,timestamp with time zone,uuid,integer) to authenticated, service_role;

-- Channels of a workspace whose messages the caller may read; of those with these names ("#channel", "@person" for the conversation with that person). Missing and hidden ones are the same: not there.
CREATE OR REPLACE FUNCTION private.search_places(workspace_id uuid, names text[])
 RETURNS uuid[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

-- The time before a second, from the newest hour back to 1970 in growing steps: the keys of its spans, from when (inclusive) to when.
CREATE OR REPLACE FUNCTION private.search_spans(top bigint)
 RETURNS TABLE(step integer, keys text, low timestamp with time zone, high timestamp with time zone)
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
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
$function$;

-- Terms [{text, prefix, not}] as parts of a query; a text of several words is a phrase. Errors: search_invalid, search_too_long.
CREATE OR REPLACE FUNCTION private.search_terms(terms jsonb)
 RETURNS private.search_query
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
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
$function$;

-- What is found of a message, folded: the first 10,000 characters of its text, and the names of its files.
CREATE OR REPLACE FUNCTION private.search_text(body text, attachments jsonb)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE COST 1000
 SET search_path TO ''
AS $function$
begin
  -- Every change of a message (a reaction too) indexes it again: what that costs must have an end.
  body := left(body, 10000);
  if attachments <> '[]' then
    body := body || E'\n' || left(jsonb_path_query_array(attachments, 'lax $[*].name')::text, 5500);
  end if;
  return private.search_fold(body);
end
$function$;
grant execute on function private.search_text(text,jsonb) to authenticated, service_role;

-- The words of a folded text, cut to 200 characters. Scripts without spaces give every two signs that stand beside each other, and the last one alone.
CREATE OR REPLACE FUNCTION private.search_words(folded text)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT COST 1000
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.search_words(text) to authenticated, service_role;

-- Body of public.session_requirements.
CREATE OR REPLACE FUNCTION private.session_requirements()
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.session_requirements() to authenticated, service_role;

-- Sets how many bytes of files each person may keep; null: as many as they like. For the owner of the database only. Who has more keeps it and adds nothing.
CREATE OR REPLACE FUNCTION private.set_attachment_quota(bytes bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if set_attachment_quota.bytes is null then
    delete from private.limits l where l.name = 'attachment_bytes_per_person';
  else
    insert into private.limits (name, value) values ('attachment_bytes_per_person', set_attachment_quota.bytes)
    on conflict (name) do update set value = excluded.value;
  end if;
  return set_attachment_quota.bytes;
end
$function$;

-- Body of public.archive_channel and public.unarchive_channel.
CREATE OR REPLACE FUNCTION private.set_channel_archived(channel_id uuid, archived boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  channel public.channels := private.require_channel(channel_id);
begin
  if channel.kind = 'direct' or coalesce(private.my_role(channel.workspace_id) not in ('owner', 'admin'), true)
    and (channel.created_by is distinct from private.person_id()
      or coalesce(private.my_role(channel.workspace_id) = 'guest', true)) then
    perform private.fail('not_allowed');
  end if;
  -- Nobody who is sending at this moment gets a message in behind it: senders hold this row.
  perform from public.channel_heads h where h.channel_id = channel.id for update;
  update public.channels c set archived_at = case when archived then now() end
  where c.id = channel.id and (c.archived_at is not null) <> archived;
  return private.channel_json(channel.id);
end
$function$;
grant execute on function private.set_channel_archived(uuid,boolean) to authenticated, service_role;

-- Body of public.deactivate_member and public.reactivate_member.
CREATE OR REPLACE FUNCTION private.set_member_deactivated(workspace_id uuid, user_id uuid, deactivated boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  changed public.workspace_members;
begin
  perform private.member_to_manage(set_member_deactivated.workspace_id, set_member_deactivated.user_id);
  -- As with a removal: whoever is sending at this moment is waited for, channel after channel in one order.
  perform from public.channel_heads h
  where h.channel_id in (
    select m.channel_id from public.channel_members m
    where m.workspace_id = set_member_deactivated.workspace_id and m.user_id = set_member_deactivated.user_id)
  order by h.channel_id
  for no key update;
  update public.workspace_members m set deactivated_at = case when deactivated then coalesce(m.deactivated_at, now()) end
  where m.workspace_id = set_member_deactivated.workspace_id and m.user_id = set_member_deactivated.user_id
  returning m.* into changed;
  if deactivated then
    -- Access to this workspace is gone with the row. Sign-ins that also serve another workspace are that one's business,
    -- unless the caller answers for the whole account.
    delete from auth.sessions s
    where s.user_id = changed.user_id
      and (private.is_deactivated(changed.user_id) or private.may_reset_password(changed.user_id));
    perform private.forget_person();
  end if;
  return to_jsonb(changed);
end
$function$;
grant execute on function private.set_member_deactivated(uuid,uuid,boolean) to authenticated, service_role;

-- Body of public.set_member_role.
CREATE OR REPLACE FUNCTION private.set_member_role(workspace_id uuid, user_id uuid, role workspace_role)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  changed public.workspace_members;
begin
  if private.member_to_manage(set_member_role.workspace_id, set_member_role.user_id) <> 'owner'
    and set_member_role.role in ('owner', 'admin') then
    perform private.fail('not_allowed');
  end if;
  update public.workspace_members m set role = set_member_role.role
  where m.workspace_id = set_member_role.workspace_id and m.user_id = set_member_role.user_id
  returning * into changed;
  return to_jsonb(changed);
end
$function$;
grant execute on function private.set_member_role(uuid,uuid,workspace_role) to authenticated, service_role;

-- Switches how clients hear of changes: postgres_changes (the default) or broadcast. For the owner of the database only. Open clients follow with the next picture that they ask for.
CREATE OR REPLACE FUNCTION private.set_realtime_transport(transport text)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if transport not in ('postgres_changes', 'broadcast') then
    raise invalid_parameter_value using message = 'The transport is postgres_changes or broadcast.';
  end if;
  -- Whoever listens in the way that ends asks for the picture again, and learns of the other way.
  perform private.tell(array['changes:workspace:' || w.id], 'UPDATE', 'realtime_transport', jsonb_build_object('transport', transport))
  from public.workspaces w;
  drop trigger if exists messages_tell on public.messages;
  drop trigger if exists channels_tell on public.channels;
  drop trigger if exists channel_members_tell on public.channel_members;
  drop trigger if exists workspaces_tell on public.workspaces;
  drop trigger if exists workspace_members_tell on public.workspace_members;
  drop trigger if exists profiles_tell on public.profiles;
  drop trigger if exists read_states_tell on public.read_states;
  drop trigger if exists drafts_tell on public.drafts;
  if transport = 'broadcast' then
    create trigger messages_tell after insert or update on public.messages
      for each row execute function private.tell_message();
    create trigger channels_tell after update on public.channels
      for each row execute function private.tell_channel();
    create trigger channel_members_tell after insert or update or delete on public.channel_members
      for each row execute function private.tell_channel_member();
    create trigger workspaces_tell after update on public.workspaces
      for each row execute function private.tell_workspace();
    create trigger workspace_members_tell after insert or update or delete on public.workspace_members
      for each row execute function private.tell_workspace_member();
    create trigger profiles_tell after update on public.profiles
      for each row execute function private.tell_profile();
    create trigger read_states_tell after insert or update or delete on public.read_states
      for each row execute function private.tell_person();
    create trigger drafts_tell after insert or update or delete on public.drafts
      for each row execute function private.tell_person();
  end if;
  return private.realtime_transport();
end
$function$;

-- Body of public.set_workspace_security.
CREATE OR REPLACE FUNCTION private.set_workspace_security(workspace_id uuid, require_two_factor boolean, require_sso boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.set_workspace_security(uuid,boolean,boolean) to authenticated, service_role;

-- Trigger: messages.attachments follows a changed description, which takes a rev. Errors: channel_archived, not_a_member.
CREATE OR REPLACE FUNCTION private.show_description()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.messages m set attachments = (
    select jsonb_agg(private.attachment_json(a) order by a.sent_at)
    from public.attachments a where a.message_id = m.id
  )
  where m.id = new.message_id and m.deleted_at is null;
  if private.person_id() is not null then
    perform private.check_open(new.channel_id);
  end if;
  return null;
end
$function$;

-- Body of public.sign_in_methods.
CREATE OR REPLACE FUNCTION private.sign_in_methods(email text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((
    select jsonb_build_object(
      -- Owners keep their password also where single sign-on is asked for, so the form must stay in reach.
      'password', not exists (select from public.workspace_security r where r.workspace_id = c.workspace_id and r.require_sso),
      'sso', jsonb_build_object('kind', c.kind, 'provider', c.provider, 'name', c.name))
    from public.sso_connections c
    where private.email_domain(btrim(sign_in_methods.email)) = any (c.domains)
  ), jsonb_build_object('password', true, 'sso', null))
$function$;
grant execute on function private.sign_in_methods(text) to anon, authenticated, service_role;

-- The caller, however weak their sign-in: for the few functions that help to make it stronger, or to end it.
CREATE OR REPLACE FUNCTION private.signed_in_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select private.look_up_person(nullif(current_setting('request.jwt.claims', true), '')::jsonb, true) $function$;

-- Trigger: messages.reactions follows, which takes a rev. Error: channel_archived.
CREATE OR REPLACE FUNCTION private.summarise_reactions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  changed public.reactions := case when tg_op = 'DELETE' then old else new end;
begin
  update public.messages m set reactions = case
    when people.ids is null then m.reactions - changed.emoji
    else jsonb_set(m.reactions, array[changed.emoji], people.ids)
  end
  from (
    select jsonb_agg(r.user_id order by r.created_at, r.user_id) as ids
    from public.reactions r
    where r.message_id = changed.message_id and r.emoji = changed.emoji
  ) people
  where m.id = changed.message_id and m.deleted_at is null;
  if found and private.caller_id() is not null then
    perform private.check_open(changed.channel_id);
  end if;
  return null;
end
$function$;

-- Takes the sender's waiting files for a message that names their ids, and gives what a timeline draws of them. Errors: attachment_not_found, attachment_not_uploaded, too_many_attachments.
CREATE OR REPLACE FUNCTION private.take_attachments(message messages, person uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

-- Broadcasts a change, {table, type, record}, as the event "change" on each of the private topics.
CREATE OR REPLACE FUNCTION private.tell(topics text[], kind text, table_name text, record jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  topic text;
begin
  foreach topic in array topics loop
    perform realtime.send(jsonb_build_object('table', table_name, 'type', kind, 'record', record), 'change', topic, true);
  end loop;
end
$function$;

-- Trigger of the transport broadcast: a changed channel to its members.
CREATE OR REPLACE FUNCTION private.tell_channel()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.tell(private.channel_topics(new.id), tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$function$;

-- Trigger of the transport broadcast: who comes and goes to the channel, everything about a membership to its person.
CREATE OR REPLACE FUNCTION private.tell_channel_member()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  person uuid := coalesce(new.user_id, old.user_id);
  topics text[] := private.user_topics(array[person]);
  member public.channel_members := case when tg_op = 'DELETE' then old else new end;
begin
  -- What somebody mutes and stars is their own affair.
  if tg_op <> 'UPDATE' then
    topics := topics || array_remove(private.channel_topics(member.channel_id), topics[1]);
  end if;
  perform private.tell(topics, tg_op, tg_table_name, to_jsonb(member));
  return null;
end
$function$;

-- Trigger of the transport broadcast: a message to its channel, a new one also to those it mentions.
CREATE OR REPLACE FUNCTION private.tell_message()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  topics text[] := private.channel_topics(new.channel_id);
begin
  if tg_op = 'UPDATE' and new.body is distinct from old.body then
    -- Topics can be heard again for three days: what was edited or deleted is not there any more.
    begin
      delete from realtime.messages m
      where m.topic = any (topics || private.user_topics(old.mentions)) and m.private and m.extension = 'broadcast'
        and m.event is not null and m.payload -> 'record' ->> 'id' = new.id::text;
    exception when insufficient_privilege then
      raise warning 'What was broadcast of message % stays for three days: %', new.id, sqlerrm;
    end;
  end if;
  if tg_op = 'INSERT' and new.mentions <> '{}' then
    -- Also where the channel's own topic is not listened to: in another workspace, or among very many channels.
    topics := topics || (
      select coalesce(array_agg(topic), '{}')
      from unnest(private.user_topics(array(
        select a.user_id from private.channel_access a
        where a.channel_id = new.channel_id and a.user_id = any (new.mentions)
      ))) as topic
      where topic <> all (topics)
    );
  end if;
  perform private.tell(topics, tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$function$;

-- Trigger of the transport broadcast: rows that concern one person, to that person.
CREATE OR REPLACE FUNCTION private.tell_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'DELETE' then
    perform private.tell(array['changes:user:' || old.user_id], tg_op, tg_table_name, to_jsonb(old));
  else
    perform private.tell(array['changes:user:' || new.user_id], tg_op, tg_table_name, to_jsonb(new));
  end if;
  return null;
end
$function$;

-- Trigger of the transport broadcast: a changed profile to its person, their workspaces, and guests who share a channel.
CREATE OR REPLACE FUNCTION private.tell_profile()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  topics text[];
begin
  select 'changes:user:' || new.id
    || coalesce(array_agg('changes:workspace:' || a.workspace_id), '{}')
    || coalesce((
      select array_agg(distinct topic)
      from private.workspace_access b, unnest(private.guest_topics(b.workspace_id, new.id)) as topic
      where b.user_id = new.id
    ), '{}')
  into topics
  from private.workspace_access a where a.user_id = new.id;
  perform private.tell(topics, tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$function$;

-- Trigger of the transport broadcast: a changed workspace to its members.
CREATE OR REPLACE FUNCTION private.tell_workspace()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.tell(
    'changes:workspace:' || new.id || private.user_topics(array(
      select a.user_id from private.workspace_access a where a.workspace_id = new.id and a.role = 'guest')),
    tg_op, tg_table_name, to_jsonb(new));
  return null;
end
$function$;

-- Trigger of the transport broadcast: a membership to its person, the workspace, and guests who share a channel.
CREATE OR REPLACE FUNCTION private.tell_workspace_member()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  member public.workspace_members := case when tg_op = 'DELETE' then old else new end;
begin
  perform private.tell(
    array['changes:user:' || member.user_id, 'changes:workspace:' || member.workspace_id]
      || private.guest_topics(member.workspace_id, member.user_id),
    tg_op, tg_table_name, to_jsonb(member));
  return null;
end
$function$;

-- Body of public.thread_page.
CREATE OR REPLACE FUNCTION private.thread_page(root_id uuid, before_seq bigint, page_size integer)
 RETURNS json
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  root public.messages := private.readable_message(root_id, 'thread_not_found');
  page public.messages[];
begin
  if root.thread_id is not null then
    perform private.fail('thread_not_found');
  end if;
  page := array(
    select m from public.messages m
    where m.thread_id = root.id and (before_seq is null or m.thread_seq < before_seq)
    order by m.thread_seq desc
    limit private.page_size(page_size)
  );

  return json_build_object(
    'root', root,
    'messages', (select coalesce(json_agg(m order by m.thread_seq), '[]') from unnest(page) m),
    'people', private.people_json(array_append(page, root), (
      select private.my_role(c.workspace_id) = 'guest' from public.channels c where c.id = root.channel_id)),
    'has_before', exists (
      select from public.messages m
      where m.thread_id = root.id and m.thread_seq < coalesce((select min(thread_seq) from unnest(page)), before_seq))
  );
end
$function$;
grant execute on function private.thread_page(uuid,bigint,integer) to authenticated, service_role;

-- Trigger: keeps updated_at.
CREATE OR REPLACE FUNCTION private.touch_updated_at()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.updated_at := now();
  return new;
end
$function$;

-- Signs of scripts that do not part words with spaces, or hang particles on them, for the inside of a bracket expression.
CREATE OR REPLACE FUNCTION private.unspaced()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  -- Thai, Lao, Myanmar, Khmer; Japanese, Chinese and Korean with their extensions.
  select '\u0E01-\u0EFF\u1000-\u109F\u1780-\u17FF\u3005-\u3007\u3040-\u30FF\u3105-\u312F\u31F0-\u31FF\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAC00-\uD7AF\uF900-\uFAFF\U00020000-\U0003FFFF'
$function$;
grant execute on function private.unspaced() to authenticated, service_role;

-- The invitation with this code, if it still opens the door. Errors: invitation_not_found, invitation_revoked, invitation_expired, invitation_used_up.
CREATE OR REPLACE FUNCTION private.usable_invitation(code text)
 RETURNS invitations
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  invitation public.invitations;
begin
  select i.* into invitation
  from private.invitation_codes c
  join public.invitations i on i.id = c.invitation_id
  where c.code_hash = private.hash_code(usable_invitation.code);
  if invitation.id is null then
    perform private.fail('invitation_not_found');
  elsif invitation.revoked_at is not null then
    perform private.fail('invitation_revoked');
  elsif invitation.expires_at <= now() then
    perform private.fail('invitation_expired');
  elsif invitation.uses >= invitation.max_uses then
    perform private.fail('invitation_used_up');
  end if;
  return invitation;
end
$function$;

-- Body of public.use_recovery_code.
CREATE OR REPLACE FUNCTION private.use_recovery_code(code text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
grant execute on function private.use_recovery_code(text) to authenticated, service_role;

-- The topics of people.
CREATE OR REPLACE FUNCTION private.user_topics(people uuid[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select coalesce(array_agg('changes:user:' || person), '{}') from unnest(people) as person $function$;

-- What waits for a person in their channels (null: in all of them): whether there is something unread, and how many messages call them: by name or everybody, in a direct conversation every message of others. At most 100.
CREATE OR REPLACE FUNCTION private.waiting(user_id uuid, channel_ids uuid[])
 RETURNS SETOF private.channel_waiting
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
declare
  wanted uuid[] := coalesce(channel_ids, array(
    select m.channel_id from public.channel_members m where m.user_id = waiting.user_id));
begin
  -- Counted from rows, so that a deleted message lowers the number; counting stops where a badge says "99+".
  return query
  select
    c.id,
    c.workspace_id,
    h.last_seq > read.seq,
    case
      when h.last_seq <= read.seq then 0
      when c.kind = 'direct' then (
        select count(*) from (
          select 1 from public.messages m
          where m.channel_id = c.id and m.seq > read.seq and m.deleted_at is null
            and m.user_id is distinct from waiting.user_id
          limit 100
        ) messages
      )
      else (
        select count(*) from (
          select n.seq from private.message_mentions n
          where n.user_id = waiting.user_id and n.channel_id = c.id and n.seq > read.seq
          union
          select m.seq from public.messages m
          where m.channel_id = c.id and m.seq > read.seq and m.mentions_all and m.user_id is distinct from waiting.user_id
          limit 100
        ) mentions
      )
    end::int
  from public.channels c
  join public.channel_heads h on h.channel_id = c.id
  -- A lateral, so that each row is found by its whole key: the planner does not know that one person has hundreds.
  cross join lateral (
    select least(r.last_read_seq, r.unread_from_seq - 1) as seq
    from public.read_states r where r.channel_id = c.id and r.user_id = waiting.user_id
    offset 0
  ) read
  where c.id = any (wanted);
end
$function$;

-- On other schemas --------------------------------------------------------------------------------------------

CREATE TRIGGER identities_join_by_sso AFTER INSERT ON auth.identities FOR EACH ROW EXECUTE FUNCTION private.join_by_sso();

CREATE TRIGGER identities_keep_to_domains BEFORE INSERT OR UPDATE OF identity_data ON auth.identities FOR EACH ROW EXECUTE FUNCTION private.keep_to_domains();

CREATE TRIGGER mfa_factors_follow AFTER INSERT OR DELETE OR UPDATE ON auth.mfa_factors FOR EACH ROW EXECUTE FUNCTION private.follow_second_factor();

CREATE TRIGGER users_create_profile AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION private.create_profile();

CREATE TRIGGER users_follow_address AFTER UPDATE OF email ON auth.users FOR EACH ROW WHEN (((new.email)::text IS DISTINCT FROM (old.email)::text)) EXECUTE FUNCTION private.follow_address();

create policy select_by_member on realtime.messages for select to authenticated
  using ((((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND (EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.user_id = ( SELECT private.person_id() AS person_id)) AND (('workspace:'::text || a.workspace_id) = ( SELECT realtime.topic() AS topic)))))) OR ((extension = 'broadcast'::text) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.user_id = ( SELECT private.person_id() AS person_id)) AND ((( SELECT realtime.topic() AS topic) = ('channel:'::text || a.channel_id)) OR (( SELECT realtime.topic() AS topic) = ('changes:channel:'::text || a.channel_id))))))) OR ((extension = 'broadcast'::text) AND (EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.user_id = ( SELECT private.person_id() AS person_id)) AND (a.role <> 'guest'::workspace_role) AND (('changes:workspace:'::text || a.workspace_id) = ( SELECT realtime.topic() AS topic)))))) OR ((extension = 'broadcast'::text) AND (( SELECT realtime.topic() AS topic) = ANY (ARRAY[('user:'::text || ( SELECT private.person_id() AS person_id)), ('changes:user:'::text || ( SELECT private.person_id() AS person_id))])))));

create policy insert_by_member on realtime.messages for insert to authenticated
  with check ((((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND (EXISTS ( SELECT 1
   FROM private.workspace_access a
  WHERE ((a.user_id = ( SELECT private.person_id() AS person_id)) AND (('workspace:'::text || a.workspace_id) = ( SELECT realtime.topic() AS topic)))))) OR ((extension = 'broadcast'::text) AND (EXISTS ( SELECT 1
   FROM private.channel_access a
  WHERE ((a.user_id = ( SELECT private.person_id() AS person_id)) AND (('channel:'::text || a.channel_id) = ( SELECT realtime.topic() AS topic)))))) OR ((extension = 'broadcast'::text) AND (('user:'::text || ( SELECT private.person_id() AS person_id)) = ( SELECT realtime.topic() AS topic)))));

create policy select_by_reader on storage.objects for select to authenticated
  using (
CASE bucket_id
    WHEN 'attachments'::text THEN (EXISTS ( SELECT 1
       FROM attachments a
      WHERE (a.path = objects.name)))
    ELSE private.owns_picture(bucket_id, name)
END);

create policy insert_by_author on storage.objects for insert to authenticated
  with check (
CASE bucket_id
    WHEN 'attachments'::text THEN (EXISTS ( SELECT 1
       FROM attachments a
      WHERE ((a.path = objects.name) AND (a.user_id = ( SELECT private.person_id() AS person_id)) AND (a.message_id IS NULL))))
    ELSE (private.owns_picture(bucket_id, name) AND private.check_picture_room(bucket_id, name))
END);

create policy delete_by_author on storage.objects for delete to authenticated
  using (
CASE bucket_id
    WHEN 'attachments'::text THEN (EXISTS ( SELECT 1
       FROM attachments a
      WHERE ((a.path = objects.name) AND ((a.user_id = ( SELECT private.person_id() AS person_id)) OR (EXISTS ( SELECT 1
               FROM (channels c
                 JOIN private.workspace_access w ON ((w.workspace_id = c.workspace_id)))
              WHERE ((c.id = a.channel_id) AND (c.kind <> 'direct'::channel_kind) AND (w.user_id = ( SELECT private.person_id() AS person_id)) AND (w.role = ANY (ARRAY['owner'::workspace_role, 'admin'::workspace_role])))))))))
    ELSE private.owns_picture(bucket_id, name)
END);

CREATE TRIGGER queue_removals_of_all BEFORE TRUNCATE ON storage.objects FOR EACH STATEMENT EXECUTE FUNCTION _backend.queue_blob_removals();

CREATE TRIGGER queue_removals_of_deleted AFTER DELETE ON storage.objects REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION _backend.queue_blob_removals();

CREATE TRIGGER queue_removals_of_replaced AFTER UPDATE ON storage.objects REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION _backend.queue_blob_removals();

CREATE TRIGGER update_objects_updated_at BEFORE UPDATE ON storage.objects FOR EACH ROW EXECUTE FUNCTION storage.update_updated_at_column();
