import { createTransport } from 'nodemailer'
import type { Logger } from '../../log'
import type { SmtpSettings } from '../../smtp-settings'
import type { Mail } from './compose'

/** Sends mails behind the back of whoever asked for them. */
export type Mailer = {
  /** Returns at once: how long a mail takes, or that it fails, must not tell whether there is an account. */
  send(mail: Mail): void
  /** When all that was sent so far has arrived at the server or was given up. */
  settled(): Promise<void>
  /** Gives what is under way a moment and ends. */
  stop(): Promise<void>
}

type SendError = { code?: string; responseCode?: number; command?: string }

/** Waits before further tries: a mail server that restarts is back by then, and the code in the mail still counts. */
const RETRY_MS = [2_000, 15_000, 60_000, 300_000]
/** What waits beyond this is dropped: the mail server has been away for long, and the codes are old. */
const MAX_WAITING = 10_000
const GRACE_MS = 5_000

/** A mailer for one mail server. What is sent is never logged, only its kind, the server and what that answered. */
export function createMailer(smtp: SmtpSettings, log: Logger, retryMs: readonly number[] = RETRY_MS): Mailer {
  const transport = createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.secure === 'tls',
    requireTLS: smtp.secure === 'starttls',
    ...(smtp.user && smtp.pass ? { auth: { user: smtp.user, pass: smtp.pass } } : {}),
    tls: { minVersion: 'TLSv1.2' },
    pool: true,
    maxConnections: 4,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // Nothing in a mail of ours is read from a file or an address, whatever somebody makes of their name.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const server = `${smtp.host}:${smtp.port}`
  const waiting = new Set<Promise<void>>()
  const stopped = new AbortController()

  async function deliver(mail: Mail): Promise<void> {
    for (const [tried, wait] of [...retryMs, null].entries()) {
      try {
        await transport.sendMail({
          from: { name: smtp.senderName, address: smtp.from },
          to: { name: '', address: mail.to },
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        })
        log.debug({ kind: mail.kind }, 'A mail was sent')
        return
      } catch (error) {
        const { code, responseCode, command } = error as SendError
        const told = { kind: mail.kind, server, code, responseCode, command, tries: tried + 1 }
        if (wait === null || stopped.signal.aborted || !isTemporary(code, responseCode)) {
          log.error(told, 'A mail could not be sent')
          return
        }
        log.warn(told, 'A mail could not be sent yet')
        await pause(wait, stopped.signal)
      }
    }
  }

  return {
    send(mail) {
      if (waiting.size >= MAX_WAITING) {
        log.error({ kind: mail.kind }, 'A mail was dropped: too many are waiting')
        return
      }
      const sending = deliver(mail).finally(() => waiting.delete(sending))
      waiting.add(sending)
    },
    async settled() {
      while (waiting.size > 0) await Promise.all(waiting)
    },
    async stop() {
      stopped.abort()
      await Promise.race([Promise.all(waiting), pause(GRACE_MS)])
      transport.close()
    },
  }
}

/** A server that refuses an address or a password will do so again; everything else may pass. */
function isTemporary(code: string | undefined, responseCode: number | undefined): boolean {
  if (responseCode !== undefined) return responseCode < 500
  return code !== 'EAUTH' && code !== 'EENVELOPE' && code !== 'EMESSAGE'
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    timer.unref()
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end, { once: true })
  })
}
