import de from './locales/de.json'
import en from './locales/en.json'

/** What mails and the page behind their links say in one language. */
export type Texts = typeof en
/** The mails there are. */
export type MailKind = keyof Texts['mails']

const texts: Record<string, Texts> = { en, de }

/** The texts of the first of these languages that there is: `de-AT` is `de`; English otherwise. */
export function textsIn(...languages: unknown[]): { language: string; texts: Texts } {
  for (const language of languages) {
    const name = typeof language === 'string' ? (language.toLowerCase().split(/[-_]/)[0] ?? '') : ''
    const found = Object.hasOwn(texts, name) ? texts[name] : undefined
    if (found) return { language: name, texts: found }
  }
  return { language: 'en', texts: en }
}

/** Puts values in the places of a text. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : place,
  )
}

/** Text as it may stand in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign)
}
