/** Nothing but spaces and characters that draw nothing; the database refuses such names too. */
export const isBlank = (text: string) => !/[^\p{Z}\p{C}\p{DI}\u2800]/u.test(text)

/** Characters as the database counts them. */
export const lengthOf = (text: string) => [...text].length

/** Lower-case ASCII words joined by hyphens, accents removed; empty for texts in other scripts. */
export function slugify(text: string, maxLength: number) {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, maxLength)
    .replace(/-+$/, '')
}
