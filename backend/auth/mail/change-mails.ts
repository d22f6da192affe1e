import type { Auth } from '../auth'
import type { UserRow } from '../user-row'
import type { ChangeCodes } from './issue'
import { sendCode } from './send'

/** The mails of a change of address, to the new one and, where it is asked, to the old one. */
export function sendChangeMails(
  auth: Pick<Auth, 'mailer' | 'settings'>,
  user: UserRow,
  next: string,
  { toNew, toCurrent }: ChangeCodes,
  target: string,
): void {
  const changing = { ...user, email_change: next }
  const link = { type: 'email_change', target } as const
  sendCode(auth, changing, { kind: 'email_change_new', issued: toNew, link, to: next })
  if (toCurrent) sendCode(auth, changing, { kind: 'email_change_current', issued: toCurrent, link })
}
