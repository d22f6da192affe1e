-- Sign-in with other providers: GoTrue's tables, and what makes a SAML assertion good for one sign-in only.
-- Applied after schema.sql, in the same way.

set local role supabase_auth_admin;

create table if not exists auth.custom_oauth_providers (
  id uuid not null default gen_random_uuid() primary key,
  provider_type text not null check (provider_type in ('oauth2', 'oidc')),
  identifier text not null unique check (identifier ~ '^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$'),
  name text not null check (char_length(name) between 1 and 100),
  client_id text not null check (char_length(client_id) between 1 and 512),
  client_secret text not null,
  acceptable_client_ids text[] not null default '{}',
  scopes text[] not null default '{}',
  pkce_enabled boolean not null default true,
  attribute_mapping jsonb not null default '{}',
  authorization_params jsonb not null default '{}',
  enabled boolean not null default true,
  email_optional boolean not null default false,
  issuer text check (char_length(issuer) between 1 and 2048),
  discovery_url text check (char_length(discovery_url) <= 2048),
  skip_nonce_check boolean not null default false,
  cached_discovery jsonb,
  discovery_cached_at timestamptz,
  authorization_url text check (char_length(authorization_url) <= 2048),
  token_url text check (char_length(token_url) <= 2048),
  userinfo_url text check (char_length(userinfo_url) <= 2048),
  jwks_uri text check (char_length(jwks_uri) <= 2048),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  custom_claims_allowlist text[] not null default '{}',
  constraint custom_oauth_providers_oidc_requires_issuer check (provider_type <> 'oidc' or issuer is not null),
  constraint custom_oauth_providers_oauth2_requires_endpoints check (
    provider_type <> 'oauth2'
    or (authorization_url is not null and token_url is not null and userinfo_url is not null)
  )
);
comment on table auth.custom_oauth_providers is 'Auth: Providers that an administrator added. client_secret is encrypted with a key that the database does not have.';
create index if not exists custom_oauth_providers_created_at_idx on auth.custom_oauth_providers (created_at);

create table if not exists auth.oauth_client_states (
  id uuid not null primary key,
  provider_type text not null,
  code_verifier text,
  created_at timestamptz not null
);
comment on table auth.oauth_client_states is 'Stores OAuth states for third-party provider authentication flows where Supabase acts as the OAuth client.';
create index if not exists idx_oauth_client_states_created_at on auth.oauth_client_states (created_at);

alter table auth.custom_oauth_providers enable row level security;
alter table auth.oauth_client_states enable row level security;
grant select on auth.custom_oauth_providers, auth.oauth_client_states to postgres with grant option;

-- Not GoTrue's, so not in its schema: what is moved to Supabase does not stumble over it.
reset role;
create schema if not exists _backend;
grant usage on schema _backend to supabase_auth_admin;
create table if not exists _backend.used_assertions (
  provider_id uuid not null,
  assertion_id text not null,
  expires_at timestamptz not null,
  primary key (provider_id, assertion_id)
);
comment on table _backend.used_assertions is 'SAML assertions that somebody has signed in with, until they would no longer be accepted anyway.';
create index if not exists used_assertions_expires_at_idx on _backend.used_assertions (expires_at);
grant select, insert, delete on _backend.used_assertions to supabase_auth_admin;
