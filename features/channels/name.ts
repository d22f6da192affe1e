import { isBlank, lengthOf } from '@/lib/text'

export const CHANNEL_NAME_MAX = 80

// Letters of every script are welcome; signs that mean something in a mention, a link or markdown are not. The
// database has the same list and the last word.
const FORBIDDEN =
  /[!-,/:-@[-^`{-~¡-©«-´¶-¹»-¿×÷\u2000-\u206f\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20]/u
const RESERVED = new Set([
  'all',
  'channel',
  'everyone',
  'group',
  'here',
  'me',
  'you',
  'team',
  'archive',
  'archived',
])

/** What becomes of a name while it is typed: lower case, a hyphen for each space, no # in front. */
export const normalizeChannelName = (text: string) =>
  text
    .normalize('NFC')
    .replace(/^[#\s]+/u, '')
    .toLowerCase()
    .replace(/\s+/gu, '-')

type Problem = 'name_blank' | 'name_too_long' | 'channel_name_invalid' | 'channel_name_reserved'

/** What the database would refuse, told before it is asked. Whether the name is free only it can know. */
export function checkChannelName(name: string): Problem | undefined {
  if (isBlank(name)) return 'name_blank'
  if (lengthOf(name) > CHANNEL_NAME_MAX) return 'name_too_long'
  if (FORBIDDEN.test(name) || !/[^._-]/.test(name)) return 'channel_name_invalid'
  if (RESERVED.has(name)) return 'channel_name_reserved'
}
