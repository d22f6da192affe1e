import { type Edit, fence, link, toggleCode, toggleMark, togglePrefix } from './text-edits'

export type Format =
  | 'bold'
  | 'italic'
  | 'strike'
  | 'code'
  | 'code-block'
  | 'quote'
  | 'link'
  | 'numbers'
  | 'bullets'

type Make = (text: string, start: number, end: number) => Edit

export const FORMATS: Record<Format, Make> = {
  bold: (text, start, end) => toggleMark(text, start, end, '**'),
  italic: (text, start, end) => toggleMark(text, start, end, '_'),
  strike: (text, start, end) => toggleMark(text, start, end, '~~'),
  code: toggleCode,
  'code-block': fence,
  quote: (text, start, end) => togglePrefix(text, start, end, () => '> '),
  link,
  numbers: (text, start, end) => togglePrefix(text, start, end, (line) => `${line + 1}. `),
  bullets: (text, start, end) => togglePrefix(text, start, end, () => '- '),
}

export const SHORTCUTS: Record<Format, string> = {
  bold: 'Mod+B',
  italic: 'Mod+I',
  strike: 'Mod+Shift+X',
  code: 'Mod+Shift+C',
  'code-block': 'Mod+Alt+Shift+C',
  quote: 'Mod+Shift+9',
  link: 'Mod+Shift+U',
  numbers: 'Mod+Shift+7',
  bullets: 'Mod+Shift+8',
}

const BY_KEY: Record<string, Format> = {
  KeyB: 'bold',
  KeyI: 'italic',
  'Shift+KeyX': 'strike',
  'Shift+KeyC': 'code',
  'Alt+Shift+KeyC': 'code-block',
  'Shift+Digit9': 'quote',
  'Shift+KeyU': 'link',
  'Shift+Digit7': 'numbers',
  'Shift+Digit8': 'bullets',
}

type KeyLike = { code: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean; altKey: boolean }

/** The format a key combination stands for. Ctrl+K makes a link only when something is selected. */
export function formatOf(event: KeyLike, selected: boolean): Format | null {
  if (!event.ctrlKey && !event.metaKey) return null
  const name = `${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.code}`
  if (name === 'KeyK') return selected ? 'link' : null
  return BY_KEY[name] ?? null
}
