import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startTestDatabase } from './server'

test('a test database has the roles, schemas and publication of a Supabase project', async () => {
  const database = await startTestDatabase({ migrationsDir: null })
  try {
    const roles = await database.admin`
      select rolname, rolsuper, rolbypassrls from pg_roles where rolname in ('postgres', 'anon', 'service_role') order by 1`
    expect(roles).toEqual([
      { rolname: 'anon', rolsuper: false, rolbypassrls: false },
      { rolname: 'postgres', rolsuper: false, rolbypassrls: true },
      { rolname: 'service_role', rolsuper: false, rolbypassrls: true },
    ])
    const [api] = await database.api`select current_user as name`
    expect(api).toEqual({ name: 'authenticator' })
    const [auth] = await database.auth`select current_user as name, current_schema as schema`
    expect(auth).toEqual({ name: 'supabase_auth_admin', schema: 'auth' })
    expect(await database.admin`select pubname from pg_publication order by 1`).toEqual([
      { pubname: 'supabase_realtime' },
      { pubname: 'supabase_realtime_messages_publication' },
    ])
  } finally {
    await database.stop()
  }
  expect(existsSync(database.dataFolder)).toBe(false)
})

test('the owner of migrations can do what it can on Supabase, and not more', async () => {
  const database = await startTestDatabase({ migrationsDir: null })
  const owner = database.connect('postgres', { max: 1 })
  try {
    await owner.unsafe(`
      create table public.notes (id int primary key, author uuid references auth.users on delete cascade);
      alter table public.notes enable row level security;
      create function public.on_sign_up() returns trigger language plpgsql security definer set search_path = ''
        as $$ begin insert into public.notes values (1, new.id); return new; end $$;
      create trigger on_sign_up after insert on auth.users for each row execute function public.on_sign_up();
      create policy mine on realtime.messages for select to authenticated using (realtime.topic() = 'x');
      create policy mine on storage.objects for select to authenticated using (owner = (select auth.uid()));
      alter publication supabase_realtime add table public.notes;
    `)
    await database.auth`insert into auth.users (id) values ('00000000-0000-4000-8000-000000000001')`
    expect(await owner`select id from public.notes`).toEqual([{ id: 1 }])
    await expect(owner`alter role postgres superuser`).rejects.toThrow(/permission denied/)
    await expect(owner`select rolpassword from pg_authid`).rejects.toThrow(/permission denied/)
  } finally {
    await owner.end()
    await database.stop()
  }
})
