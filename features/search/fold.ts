/** Scripts that do not part words with spaces; the same as private.unspaced() in the database. */
export const UNSPACED =
  /[\u0E01-\u0EFF\u1000-\u109F\u1780-\u17FF\u3005-\u3007\u3040-\u30FF\u3105-\u312F\u31F0-\u31FF\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAC00-\uD7AF\uF900-\uFAFF\u{20000}-\u{3FFFF}]/u

const LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ς: 'σ',
}

// Accents, points and other signs above and below letters, and what has no width. (A literal would be read as one sign.)
const NO_WIDTH = new RegExp(
  '[\\u00AD\\u0300-\\u036F\\u0483-\\u0487\\u0591-\\u05BD\\u05BF-\\u05C7\\u0610-\\u061A\\u064B-\\u065F\\u0670' +
    '\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2069\\uFE00-\\uFE0F\\uFEFF]+',
  'gu',
)

/** A text as the search compares it, and for each sign of that where it stands in the text. */
export type Folded = { text: string; places: number[] }

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Lower case, without accents, words parted by one space: what private.search_fold makes of a text in the database. */
export function fold(value: string): Folded {
  let text = ''
  const places: number[] = []
  const add = (sign: string, place: number) => {
    if (sign === ' ' && (text === '' || text.endsWith(' '))) return
    text += sign
    for (let i = 0; i < sign.length; i++) places.push(place)
  }
  for (const { segment, index } of segmenter.segment(value)) {
    const plain = segment.normalize('NFKD').replace(NO_WIDTH, '').normalize('NFC').toLowerCase()
    for (const sign of plain) add(/[\p{L}\p{N}\p{M}]/u.test(sign) ? (LETTERS[sign] ?? sign) : ' ', index)
  }
  return { text, places }
}
