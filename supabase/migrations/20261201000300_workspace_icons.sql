-- A workspace may have a picture; its emoji or first letter stands in for it.

alter table public.workspaces add column icon_url text
  check (icon_url ~ '^(https?://|/[^/])' and char_length(icon_url) <= 2048);
comment on column public.workspaces.icon_url is 'Address of a picture, drawn instead of icon; null: none.';
grant update (icon_url) on public.workspaces to authenticated;
