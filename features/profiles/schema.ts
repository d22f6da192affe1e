export type Person = {
  id: string
  display_name: string
  handle: string
  avatar_url: string | null
  status_text: string | null
  status_emoji: string | null
  status_expires_at: string | null
  time_zone: string
  locale: string
  /** In the open workspace, where a function told it. */
  role?: 'owner' | 'admin' | 'member' | 'guest'
  /** Since when they are shut out of the workspace. */
  deactivated_at?: string | null
}

/** The status as others see it now: an expired one is none. */
export function currentStatus(
  person: Pick<Person, 'status_text' | 'status_emoji' | 'status_expires_at'>,
  now: number,
) {
  if (!person.status_text && !person.status_emoji) return null
  if (person.status_expires_at && Date.parse(person.status_expires_at) <= now) return null
  return {
    emoji: person.status_emoji ?? '💬',
    text: person.status_text ?? '',
    until: person.status_expires_at,
  }
}
