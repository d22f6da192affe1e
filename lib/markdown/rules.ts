import type { StateInline } from 'markdown-it'

type InlineRule = (state: StateInline, silent: boolean) => boolean

const NAME = /[\p{L}\p{N}_](?:[\p{L}\p{N}._-]{0,62}[\p{L}\p{N}_])?/uy
const SHORTCODE = /:([a-z0-9_+-]{1,40}):/y
const WORD = /[\p{L}\p{N}_@#/]/u
const AT = 0x40
const HASH = 0x23
const COLON = 0x3a

/** `@name` and `#name` become `reference` tokens; who or what they name is for whoever draws them. */
export const reference: InlineRule = (state, silent) => {
  const code = state.src.charCodeAt(state.pos)
  if (code !== AT && code !== HASH) return false
  if (state.pos > 0 && WORD.test(state.src.charAt(state.pos - 1))) return false
  NAME.lastIndex = state.pos + 1
  const name = NAME.exec(state.src)?.[0]
  if (!name) return false
  if (!silent) {
    const token = state.push('reference', '', 0)
    token.markup = code === AT ? '@' : '#'
    token.content = name
  }
  state.pos += 1 + name.length
  return true
}

/** `:name:` becomes an `emoji` token; an unknown name is drawn as it was written. */
export const emoji: InlineRule = (state, silent) => {
  if (state.src.charCodeAt(state.pos) !== COLON) return false
  SHORTCODE.lastIndex = state.pos
  const name = SHORTCODE.exec(state.src)?.[1]
  if (!name) return false
  if (!silent) {
    const token = state.push('emoji', '', 0)
    token.content = name
  }
  state.pos += name.length + 2
  return true
}
