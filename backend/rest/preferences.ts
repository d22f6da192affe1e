import { RestError } from './errors'

/** What the `Prefer` header may ask. */
export type Preferences = {
  resolution?: 'merge-duplicates' | 'ignore-duplicates'
  return?: 'representation' | 'minimal' | 'headers-only'
  count?: 'exact' | 'planned' | 'estimated'
  tx?: 'commit' | 'rollback'
  missing?: 'default' | 'null'
  handling?: 'strict' | 'lenient'
  timezone?: string
  'max-affected'?: number
}

const WORDS = new Map([
  ['resolution', ['merge-duplicates', 'ignore-duplicates']],
  ['return', ['representation', 'minimal', 'headers-only']],
  ['count', ['exact', 'planned', 'estimated']],
  ['tx', ['commit', 'rollback']],
  ['missing', ['default', 'null']],
  ['handling', ['strict', 'lenient']],
])

/** Reads a `Prefer` header. The first mention of a preference counts; unknown ones are an error when strict. */
export function parsePreferences(header: string | null): Preferences {
  const preferences: Record<string, string | number> = {}
  const invalid: string[] = []
  for (const part of (header ?? '').split(',')) {
    const token = part.trim()
    if (token === '') continue
    const equals = token.indexOf('=')
    const name = token.slice(0, equals).trim()
    const value = token.slice(equals + 1).trim()
    const parsed = parsePreference(name, value)
    if (parsed === null) invalid.push(token)
    else if (!(name in preferences)) preferences[name] = parsed
  }
  if (preferences.handling === 'strict' && invalid.length > 0)
    throw new RestError(400, 'PGRST122', 'Invalid preferences given with handling=strict', {
      details: `Invalid preferences: ${invalid.join(', ')}`,
    })
  return preferences as Preferences
}

function parsePreference(name: string, value: string): string | number | null {
  if (name === 'max-affected') return /^\d{1,15}$/.test(value) ? Number(value) : null
  if (name === 'timezone') return isTimeZone(value) ? value : null
  return WORDS.get(name)?.includes(value) ? value : null
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const ORDER = [
  'resolution',
  'missing',
  'return',
  'count',
  'tx',
  'handling',
  'timezone',
  'max-affected',
] as const

/** `Preference-Applied`: those of `names` that were asked for. */
export function appliedPreferences(
  preferences: Preferences,
  names: readonly (keyof Preferences)[],
): string | null {
  const applied = ORDER.filter((n) => names.includes(n) && preferences[n] !== undefined)
    // Only strict handling makes the bound a rule, so only then was it applied.
    .filter((n) => n !== 'max-affected' || preferences.handling === 'strict')
    .map((n) => `${n}=${preferences[n]}`)
  return applied.length > 0 ? applied.join(', ') : null
}
