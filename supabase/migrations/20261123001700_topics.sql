-- Who may listen and speak on the private topics of realtime: workspace:<id>, channel:<id>, user:<id>.
-- Topics are compared as texts, so that no topic, however malformed, makes a policy raise.

create policy select_by_member on realtime.messages for select to authenticated
using (
  (extension in ('broadcast', 'presence') and exists (
    select 1 from private.workspace_access a
    where a.user_id = (select auth.uid()) and 'workspace:' || a.workspace_id = (select realtime.topic())
  ))
  or (extension = 'broadcast' and exists (
    select 1 from private.channel_access a
    where a.user_id = (select auth.uid()) and 'channel:' || a.channel_id = (select realtime.topic())
  ))
  or (extension = 'broadcast' and 'user:' || (select auth.uid()) = (select realtime.topic()))
);
-- workspace:<id> broadcast and presence: its members; channel:<id> broadcast: its members; user:<id> broadcast: that person.
-- (Not comments of the database: on Supabase only a table's owner may make those, and it is the service's.)

create policy insert_by_member on realtime.messages for insert to authenticated
with check (
  (extension in ('broadcast', 'presence') and exists (
    select 1 from private.workspace_access a
    where a.user_id = (select auth.uid()) and 'workspace:' || a.workspace_id = (select realtime.topic())
  ))
  or (extension = 'broadcast' and exists (
    select 1 from private.channel_access a
    where a.user_id = (select auth.uid()) and 'channel:' || a.channel_id = (select realtime.topic())
  ))
  or (extension = 'broadcast' and 'user:' || (select auth.uid()) = (select realtime.topic()))
);
-- Who listens may speak. What comes this way was said by a person: clients never take it for a change of data.
