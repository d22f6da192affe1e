/** A browser and a system in the words people use; null where the text does not say. */
export type Device = { browser: string | null; system: string | null; mobile: boolean }

// In this order: every browser claims to be the ones after it.
const BROWSERS: [name: string, pattern: RegExp][] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\/|\bOpera\b/],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['Firefox', /\bFirefox\/|\bFxiOS\//],
  ['Chrome', /\bChrom(?:e|ium)\/|\bCriOS\/|\bHeadlessChrome\//],
  ['Safari', /\bSafari\//],
]

const SYSTEMS: [name: string, pattern: RegExp][] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMacintosh\b|\bMac OS X\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
]

const find = (list: [string, RegExp][], text: string) =>
  list.find(([, pattern]) => pattern.test(text))?.[0] ?? null

/** Only what matters to recognise a device of one's own; versions change every month and tell nobody anything. */
export function readUserAgent(text: string | null): Device {
  const agent = text ?? ''
  // Programs name themselves first: "supabase-js/2.1", "curl/8.5".
  const program = /^(?!Mozilla)([\w.-]+)\//.exec(agent)?.[1] ?? null
  const system = find(SYSTEMS, agent)
  return {
    browser: find(BROWSERS, agent) ?? program,
    system,
    mobile: ['iPhone', 'iPad', 'Android'].includes(system ?? ''),
  }
}
