import { escapeHtml, fill, type MailKind, textsIn } from './texts'

/** What a mail is made from. */
export type MailContent = {
  kind: MailKind
  to: string
  /** Languages that the person reads, the dearest first; anything, since people write their own metadata. */
  languages: unknown[]
  /** For the places in the texts: `site` and `address` always, `email`, `newEmail`, … where the text names them. */
  values: Record<string, string>
  link?: string
  code?: string
  expirySeconds?: number
}

/** A mail to be sent. `kind` is what a log may say of it. */
export type Mail = { kind: MailKind; to: string; subject: string; text: string; html: string }

/** The mail as text and as HTML. It loads nothing from anywhere and tells nobody that it was opened. */
export function composeMail(content: MailContent): Mail {
  const { kind, to, values, link, code, expirySeconds = 0 } = content
  const { language, texts } = textsIn(...content.languages)
  const mail: { subject: string; body: string; note: string; button?: string } = texts.mails[kind]
  const say = (text: string) =>
    fill(text, { ...values, code: code ?? '', duration: duration(language, expirySeconds) })
  const subject = say(mail.subject)
  const works = link ? texts.linkOrCode : texts.codeOnly
  const paragraphs = {
    body: say(mail.body),
    code: code && say(texts.code),
    works: code && say(works),
    note: say(mail.note),
    footer: say(texts.footer),
  }
  const { body, note, footer } = paragraphs
  const text = [subject, body, link, paragraphs.code, paragraphs.works, note, `-- \n${footer}`]
  const html = page(language, subject, [
    `<h1 style="font-size:20px;line-height:28px;margin:0 0 16px">${escapeHtml(subject)}</h1>`,
    paragraph(body),
    ...(link ? [button(link, mail.button ?? subject)] : []),
    ...(code ? [`<p style="font-size:24px;letter-spacing:4px;margin:0 0 16px">${escapeHtml(code)}</p>`] : []),
    ...(paragraphs.works ? [paragraph(paragraphs.works)] : []),
    paragraph(note),
    ...(link ? [small(`${escapeHtml(texts.linkAsText)}<br>${escapeHtml(link)}`)] : []),
    small(escapeHtml(footer)),
  ])
  return { kind, to, subject: subject.replace(/\s+/g, ' '), text: text.filter(Boolean).join('\n\n'), html }
}

function duration(language: string, seconds: number): string {
  const [amount, unit] = seconds >= 7200 ? [seconds / 3600, 'hour'] : [seconds / 60, 'minute']
  const style = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const
  return new Intl.NumberFormat(language, style).format(Math.floor(amount))
}

function page(language: string, title: string, parts: string[]): string {
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:32px 16px;font:16px/24px system-ui,sans-serif"><div style="max-width:480px;margin:0 auto">
${parts.join('\n')}
</div></body></html>`
}

function paragraph(text: string): string {
  return `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`
}

function small(html: string): string {
  return `<p style="margin:24px 0 0;font-size:13px;line-height:20px;color:#6b7280;word-break:break-all">${html}</p>`
}

function button(link: string, label: string): string {
  const style = 'display:inline-block;padding:10px 20px;border-radius:8px;background:#1f2937;color:#fff'
  return `<p style="margin:24px 0"><a href="${escapeHtml(link)}" style="${style};text-decoration:none">${escapeHtml(label)}</a></p>`
}
