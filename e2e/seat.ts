import type { Member } from './crowd'
import type { Person } from './person'

/**
 * What a browser that is signed in keeps in localStorage for a site at this address: key and value.
 */
export function storedSession(member: Member, url: string): [key: string, value: string] {
  const session = {
    access_token: member.token,
    refresh_token: member.refreshToken,
    token_type: 'bearer',
    expires_in: 3600,
    expires_at: Math.floor(Date.now() / 1000) + 3600,
    user: {
      id: member.userId,
      email: member.email,
      aud: 'authenticated',
      role: 'authenticated',
      app_metadata: {},
      user_metadata: {},
      created_at: new Date().toISOString(),
    },
  }
  return [`sb-${new URL(url).hostname.split('.')[0]}-auth-token`, JSON.stringify(session)]
}

/**
 * Puts somebody who exists in the database before a browser that is signed in, as after an earlier visit. Specs that
 * are not about signing in start here.
 */
export async function seat(person: Person, member: Member, path: string): Promise<void> {
  await person.page.goto('/sign-in')
  await person.page.evaluate(
    ([key, value]) => localStorage.setItem(key as string, value as string),
    storedSession(member, person.page.url()),
  )
  await person.page.goto(path)
}
