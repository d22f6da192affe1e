import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'

/** True when the person is signed in at once, false when the address has to be confirmed first. */
export async function signUp(
  client: AppClient,
  input: { name: string; email: string; password: string; redirectTo: string },
): Promise<boolean> {
  const { data, error } = await client.auth.signUp({
    email: input.email.trim(),
    password: input.password,
    options: {
      emailRedirectTo: input.redirectTo,
      data: {
        display_name: input.name.trim(),
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
    },
  })
  if (error) throw toAppError(error)
  return data.session !== null
}

export async function signIn(client: AppClient, input: { email: string; password: string }) {
  const { error } = await client.auth.signInWithPassword({
    email: input.email.trim(),
    password: input.password,
  })
  if (error) throw toAppError(error)
}

/** Ends the session of this browser. It ends here even when the server cannot be told. */
export async function signOut(client: AppClient) {
  await client.auth.signOut({ scope: 'local' })
}
