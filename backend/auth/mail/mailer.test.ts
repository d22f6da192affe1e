import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { startTestSmtp, type TestSmtp } from '../../testing/smtp'
import { composeMail } from './compose'
import { createMailer, type Mailer } from './mailer'

const stops: (() => Promise<void>)[] = []
let logged = ''
const log = pino(
  { level: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      logged += chunk
      done()
    },
  }),
)

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  logged = ''
})

async function start(options: Parameters<typeof startTestSmtp>[0] = {}) {
  const smtp = await startTestSmtp(options)
  stops.push(smtp.stop)
  return smtp
}

function mailerFor(smtp: TestSmtp, changes: Partial<TestSmtp['settings']> = {}): Mailer {
  const mailer = createMailer({ ...smtp.settings, ...changes }, log, [10, 10])
  stops.push(mailer.stop)
  return mailer
}

const mail = composeMail({
  kind: 'recovery',
  to: 'ada@example.com',
  languages: [],
  values: { site: 'Test Chat', address: 'https://chat.example.com', email: 'ada@example.com' },
  link: 'https://chat.example.com/auth/v1/verify?token=secret&type=recovery',
  code: '123456',
  expirySeconds: 3600,
})

test('a mail arrives as text and HTML, marked as written by a machine', async () => {
  const smtp = await start()
  mailerFor(smtp).send(mail)
  const { parsed, subject, text, html, link } = await smtp.mailTo('ada@example.com')
  expect(parsed.from?.value).toEqual([{ name: 'Test Chat', address: 'chat@example.com' }])
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated')
  expect([subject, link]).toEqual([mail.subject, mail.text.match(/https\S+verify\S+/)?.[0]])
  expect(text).toContain('Code: 123456')
  expect(html).toContain('token=secret&amp;type=recovery')
})

test('a server that is busy is asked again', async () => {
  let tries = 0
  const smtp = await start({
    onMailFrom(_address, _session, done) {
      tries += 1
      done(tries < 3 ? Object.assign(new Error('busy'), { responseCode: 451 }) : null)
    },
  })
  const mailer = mailerFor(smtp)
  mailer.send(mail)
  await mailer.settled()
  expect([tries, smtp.mails.length]).toEqual([3, 1])
})

test('a server that refuses is not, and the log holds neither code nor link', async () => {
  let tries = 0
  const smtp = await start({
    onRcptTo(_address, _session, done) {
      tries += 1
      done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }))
    },
  })
  const mailer = mailerFor(smtp)
  mailer.send(mail)
  await mailer.settled()
  expect([tries, smtp.mails.length]).toEqual([1, 0])
  expect(logged).toMatch(/"kind":"recovery","server":"127.0.0.1:\d+".*"responseCode":550.*could not be sent/)
  expect(logged).not.toMatch(/123456|secret|ada@example/)
})

test('encryption that is required and not offered, or offered by a stranger, sends nothing', async () => {
  const plain = await start()
  const stranger = await start({ disabledCommands: ['AUTH'] })
  for (const smtp of [plain, stranger]) {
    const mailer = mailerFor(smtp, { secure: 'starttls' })
    mailer.send(mail)
    await mailer.settled()
    expect(smtp.mails).toHaveLength(0)
  }
  const open = mailerFor(plain)
  open.send(mail)
  await plain.mailTo('ada@example.com')
})

test('stopping does not wait for a server that never comes back', async () => {
  const smtp = await start({
    onMailFrom: (_address, _session, done) => done(Object.assign(new Error('busy'), { responseCode: 451 })),
  })
  const mailer = createMailer(smtp.settings, log, [600_000])
  mailer.send(mail)
  await expect.poll(() => logged).toContain('could not be sent yet')
  await mailer.stop()
  expect(logged).toContain('could not be sent')
})
