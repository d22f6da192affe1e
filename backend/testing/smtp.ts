import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { SmtpSettings } from '../smtp-settings'

/** A mail as it arrived: to whom, and what a person sees and presses. */
export type ReceivedMail = {
  to: string
  subject: string
  text: string
  html: string
  /** The address behind the button. */
  link: string
  /** The six digits. */
  code: string
  parsed: ParsedMail
}

/** A mail server in this process. */
export type TestSmtp = {
  settings: SmtpSettings
  mails: ReceivedMail[]
  /** The newest mail to an address after `count` of them have arrived. */
  mailTo(address: string, count?: number): Promise<ReceivedMail>
  stop(): Promise<void>
}

/** Starts a mail server on a free port. */
export async function startTestSmtp(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const mails: ReceivedMail[] = []
  let arrived = () => {}
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      simpleParser(stream).then((parsed) => {
        mails.push(received(parsed, session.envelope.rcptTo[0]?.address ?? ''))
        arrived()
        done()
      }, done)
    },
    ...options,
  })
  // Clients that hang up in the middle of a handshake are what some tests are about.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    settings: { host: '127.0.0.1', port, secure: 'none', from: 'chat@example.com', senderName: 'Test Chat' },
    mails,
    async mailTo(address, count = 1) {
      for (const end = Date.now() + 10_000; Date.now() < end; ) {
        const found = mails.filter(({ to }) => to === address)
        if (found.length >= count) return found.at(-1) as ReceivedMail
        await new Promise<void>((resolve) => {
          arrived = resolve
          setTimeout(resolve, 200)
        })
      }
      throw new Error(`mail ${count} to ${address} did not arrive`)
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function received(parsed: ParsedMail, to: string): ReceivedMail {
  const text = parsed.text ?? ''
  return {
    to,
    subject: parsed.subject ?? '',
    text,
    html: parsed.html || '',
    link: /https?:\/\/\S+\/auth\/v1\/verify\?\S+/.exec(text)?.[0] ?? '',
    code: /^Code: (\d{6})$/m.exec(text)?.[1] ?? '',
    parsed,
  }
}
