-- Run once by the database's image, when it makes the database: the services sign in with the password of .env, and
-- realtime keeps its own tables in a schema that it expects to be there.
\set password `echo "$POSTGRES_PASSWORD"`

alter user authenticator with password :'password';
alter user supabase_auth_admin with password :'password';
alter user supabase_storage_admin with password :'password';

create schema if not exists _realtime authorization supabase_admin;
