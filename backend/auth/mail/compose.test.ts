import { expect, test } from 'vitest'
import { composeMail } from './compose'
import de from './locales/de.json'
import en from './locales/en.json'
import type { MailKind } from './texts'

const values = {
  site: 'Acme <Chat>',
  address: 'https://chat.example.com',
  email: '"><img src=x>@example.com',
  newEmail: 'new@example.com',
  oldEmail: 'old@example.com',
  factor: 'TOTP',
}

test.each(Object.keys(en.mails) as MailKind[])('%s: no place is left open, no value is markup', (kind) => {
  for (const language of ['en', 'de']) {
    const code = '123456'
    const mail = composeMail({
      kind,
      to: 'a@example.com',
      languages: [language],
      values,
      link: 'https://x/?a=1&b=2',
      code,
      expirySeconds: 3600,
    })
    expect(`${mail.subject} ${mail.text} ${mail.html.replace(/style="[^"]*"/g, '')}`).not.toMatch(/[{}]/)
    expect(mail.html).not.toMatch(/<img|Acme <Chat>/)
    expect(mail.html).toContain('href="https://x/?a=1&amp;b=2"')
    expect(mail.text).toContain('https://x/?a=1&b=2')
  }
})

test('languages say the same: every text of one is in the other, with the same places', () => {
  const shape = (texts: unknown): unknown =>
    typeof texts === 'string'
      ? [...texts.matchAll(/\{\w+\}/g)].map(String).sort()
      : Object.fromEntries(Object.entries(texts as object).map(([name, text]) => [name, shape(text)]))
  expect(shape(de)).toEqual(shape(en))
})

test('a person reads their language, whatever they wrote there', () => {
  const inLanguage = (locale: unknown) =>
    composeMail({
      kind: 'recovery',
      to: 'a@example.com',
      languages: [locale],
      values,
      code: '1',
      expirySeconds: 86_400,
    })
  expect(inLanguage('de-AT').text).toContain('24 Stunden')
  for (const locale of ['fr', '__proto__', 'constructor', 7, null, {}]) {
    expect(inLanguage(locale).text).toContain('24 hours')
  }
})

test('a name with a line end adds no header', () => {
  const mail = composeMail({
    kind: 'invite',
    to: 'a@example.com',
    languages: [],
    values: { ...values, site: 'A\r\nBcc: x@y' },
  })
  expect(mail.subject).toBe('You are invited to A Bcc: x@y')
})
