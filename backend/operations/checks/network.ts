import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { createTransport } from 'nodemailer'
import type { Settings } from '../../settings'
import { errorCode } from '../../start-error'
import { createS3Blobs } from '../../storage/blobs/s3'
import { error, type Finding, ok, warning } from './finding'

const TIMEOUT_MS = 10_000
const DAY_MS = 86_400_000

/** Whether the mail server takes our sign-in. No mail is sent. */
export async function checkSmtp({ smtp }: Settings): Promise<Finding> {
  if (!smtp) return warning('none: people who forget their password need an administrator. Set SMTP_HOST.')
  const { host, port, user, pass, secure } = smtp
  const transport = createTransport({
    host,
    port,
    secure: secure === 'tls',
    requireTLS: secure === 'starttls',
    ...(user ? { auth: { user, pass: pass ?? '' } } : {}),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  })
  try {
    await transport.verify()
    return ok(`${host}:${port} takes mails`)
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure)
    const what =
      errorCode(failure) === 'EAUTH' ? 'correct SMTP_USER and SMTP_PASS' : 'check SMTP_HOST and SMTP_PORT'
    return error(`${host}:${port} does not take mails (${reason}): ${what}.`)
  } finally {
    transport.close()
  }
}

/** Whether the bucket for uploaded files can be used. */
export async function checkS3({ s3, fileSizeLimit }: Settings): Promise<Finding> {
  if (!s3) return ok('not used: uploaded files are in DATA_DIR')
  const blobs = createS3Blobs(s3, fileSizeLimit)
  // It says itself what is wrong and what to do.
  await blobs.start().finally(() => blobs.stop())
  return ok(`the bucket ${s3.bucket} can be used`)
}

/** Whether the site's certificate is valid for its name, and for how long. `ca`: for tests. */
export async function checkTls({ siteUrl }: Settings, ca?: string): Promise<Finding> {
  if (!siteUrl) return warning('SITE_URL is not set: set it to the address that people open, https://…')
  const { protocol, hostname, port } = new URL(siteUrl)
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol === 'http:') {
    if (local) return ok(`${siteUrl}, for this machine only`)
    return error(
      `${siteUrl} is not encrypted: browsers refuse passkeys, notifications and offline use. Use https.`,
    )
  }
  const until = await certificateEnd(hostname, Number(port || 443), ca).catch((failure: unknown) => {
    const reason = failure instanceof Error ? failure.message : String(failure)
    return `${hostname} has no valid certificate (${reason}): renew it, and check that its name is ${hostname}.`
  })
  if (typeof until === 'string') return error(until)
  const days = Math.floor((until.getTime() - Date.now()) / DAY_MS)
  const text = `the certificate of ${hostname} is valid for ${days} days`
  if (days < 14) return warning(`${text}: see why it was not renewed (certbot renew).`)
  return ok(text)
}

function certificateEnd(host: string, port: number, ca: string | undefined): Promise<Date> {
  return new Promise((resolve, reject) => {
    const servername = isIP(host) ? '' : host
    const socket = connect({ host, port, servername, timeout: TIMEOUT_MS, ...(ca ? { ca } : {}) }, () => {
      resolve(new Date(socket.getPeerCertificate().valid_to))
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(new Error('no answer')))
  })
}
