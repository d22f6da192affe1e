-- Recovery codes belong to the second factors they were made beside: codes in a drawer must not take off factors that are set up
-- after those were lost or replaced.

create or replace function private.follow_second_factor() returns trigger
language plpgsql security definer set search_path = ''
as $$
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
$$;
comment on function private.follow_second_factor is
  'Trigger: a factor that is verified or removed changes which of the person''s tokens are strong enough; with the last one go the recovery codes.';
