/** The mail server, and whom mails are from. */
export type SmtpSettings = {
  host: string
  port: number
  user?: string
  pass?: string
  /** `tls` from the first byte, `starttls` or nothing, or `none`: encrypted only if the server offers it. */
  secure: 'tls' | 'starttls' | 'none'
  from: string
  senderName: string
}

/** The mail server of an environment whose values are of the right form; adds to `wrong` what does not fit together. */
export function readSmtp(given: Record<string, string>, wrong: string[]): SmtpSettings | undefined {
  const { SMTP_HOST: host, SMTP_USER: user, SMTP_PASS: pass, SMTP_ADMIN_EMAIL: from } = given
  if (!host) return undefined
  if (!given.SITE_URL) {
    wrong.push(
      'SITE_URL: is missing; mails hold links, and whoever asks for one must not decide where it leads',
    )
  }
  if (!from) wrong.push('SMTP_ADMIN_EMAIL: is missing; it is the address that mails come from')
  if (!user !== !pass) wrong.push(`${user ? 'SMTP_PASS' : 'SMTP_USER'}: is missing; set both, or neither`)
  const port = Number(given.SMTP_PORT ?? 587)
  return {
    host,
    port,
    ...(user && pass ? { user, pass } : {}),
    secure: security(given.SMTP_SECURE?.toLowerCase(), host, port),
    from: from ?? '',
    senderName: given.SMTP_SENDER_NAME ?? 'EnterpriseChat',
  }
}

function security(given: string | undefined, host: string, port: number): SmtpSettings['secure'] {
  if (given === 'true' || given === 'tls') return 'tls'
  if (given === 'false' || given === 'none') return 'none'
  if (given === 'starttls') return 'starttls'
  if (port === 465) return 'tls'
  return ['localhost', '127.0.0.1', '::1'].includes(host) ? 'none' : 'starttls'
}
