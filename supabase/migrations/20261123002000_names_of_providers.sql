-- People who come from another site are called what they are called there.

create or replace function private.make_profile(account auth.users) returns void
language plpgsql security definer set search_path = ''
as $$
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
$$;
comment on function private.make_profile is
  'The profile of a new account: the name it was made with (display_name; full_name or name where another site knows it), else its address.';
