/**
 * Stands in for `mdurl` and `punycode.js` in the site's bundle: markdown-it normalises addresses with them, which `parse.ts`
 * turns off, because `safeLink` does it with the browser's own `URL`.
 */
const unused = (): never => {
  throw new Error('addresses are not normalised by markdown-it: see lib/markdown/parse.ts')
}

export const parse = unused
export const format = unused
export const encode = unused
export const decode = Object.assign(unused, { defaultChars: '' })
export default { toASCII: unused, toUnicode: unused }
