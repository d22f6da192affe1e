import type { Auth } from '../auth'
import type { UserRow } from '../user-row'
import { composeMail } from './compose'
import type { Issued } from './one-time-tokens'
import type { MailKind } from './texts'

/** GoTrue's words for what a link does: `type` in `verify`. */
export type LinkType = 'signup' | 'invite' | 'magiclink' | 'recovery' | 'email_change'

type Recipient = Pick<UserRow, 'email' | 'email_change' | 'raw_user_meta_data'>

/** The address of a link, as GoTrue writes it. */
export function actionLink(site: string, token: string, type: LinkType, target: string): string {
  const query = new URLSearchParams({ token, type, redirect_to: target })
  return `${site}/auth/v1/verify?${query}`
}

/** Sends a code and, where there is something to open, a link. Call it when the transaction has ended. */
export function sendCode(
  auth: Pick<Auth, 'mailer' | 'settings'>,
  user: Recipient,
  mail: { kind: MailKind; issued: Issued; link?: { type: LinkType; target: string }; to?: string | null },
): void {
  const { kind, issued, link, to = user.email } = mail
  const { siteUrl, otpExpirySeconds } = auth.settings
  if (!to || !siteUrl) return
  const address = link && actionLink(siteUrl, issued.token, link.type, link.target)
  send(auth, user, kind, to, { code: issued.code, ...(address ? { link: address } : {}), otpExpirySeconds })
}

/** Tells a person what has happened to their account. Nothing, where no mails are sent. */
export function sendNotice(
  auth: Pick<Auth, 'mailer' | 'settings'>,
  user: Recipient,
  kind: 'password_changed' | 'email_changed' | 'factor_added' | 'factor_removed',
  values: Record<string, string> = {},
  to = user.email,
): void {
  if (to) send(auth, user, kind, to, {}, values)
}

function send(
  { mailer, settings }: Pick<Auth, 'mailer' | 'settings'>,
  user: Recipient,
  kind: MailKind,
  to: string,
  { otpExpirySeconds = 0, ...content }: { code?: string; link?: string; otpExpirySeconds?: number },
  values: Record<string, string> = {},
): void {
  const { smtp, siteUrl } = settings
  if (!mailer || !smtp || !siteUrl) return
  const own = { email: user.email ?? to, newEmail: user.email_change ?? '' }
  mailer.send(
    composeMail({
      kind,
      to,
      languages: [user.raw_user_meta_data?.locale],
      values: { site: smtp.senderName, address: siteUrl, ...own, ...values },
      expirySeconds: otpExpirySeconds,
      ...content,
    }),
  )
}
