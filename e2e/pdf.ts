import type { Sent } from './files'

type Page = {
  text?: string
  width?: number
  height?: number
  /** Drawn instead of the text and the square. */
  content?: string
  resources?: string
}
type Options = {
  /** Added to the catalogue, where a document says what is done with it. */
  catalogue?: string
  /** Added to the trailer, which is read first. */
  trailer?: string
  /** Further objects; their numbers follow those of the pages, which have two each and begin with 4. */
  objects?: string[]
}

/** A PDF that is written by hand: a line of text and a blue square on every page. */
export function pdf(
  name: string,
  pages: Page[],
  { catalogue = '', trailer = '', objects = [] }: Options = {},
): Sent {
  const parts: string[] = ['%PDF-1.7\n']
  const places: number[] = []
  let length = parts[0]?.length ?? 0
  const object = (body: string) => {
    const part = `${places.length + 1} 0 obj\n${body}\nendobj\n`
    places.push(length)
    parts.push(part)
    length += part.length
  }
  const first = 4
  const kids = pages.map((_page, index) => `${first + index * 2} 0 R`).join(' ')
  object(`<< /Type /Catalog /Pages 2 0 R ${catalogue} >>`)
  object(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`)
  object('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>')
  for (const [index, page] of pages.entries()) {
    const { text = '', width = 595, height = 842, resources = '/Font << /F 3 0 R >>' } = page
    const content =
      page.content ??
      `0 0 1 rg 50 50 100 100 re f 0 g BT /F 24 Tf 50 ${Math.min(height, 842) - 80} Td (${text}) Tj ET`
    object(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${first + index * 2 + 1} 0 R /Resources << ${resources} >> >>`,
    )
    object(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`)
  }
  for (const each of objects) object(each)
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  parts.push(
    `xref\n0 ${places.length + 1}\n0000000000 65535 f \n${table}`,
    `trailer\n<< /Size ${places.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${length}\n%%EOF\n`,
  )
  return { name, mimeType: 'application/pdf', buffer: Buffer.from(parts.join(''), 'latin1') }
}

/** What it says of a password is what one looks like that has one: no password fits. */
export const LOCKED = `/ID [<${'ab'.repeat(16)}> <${'ab'.repeat(16)}>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <${'1f'.repeat(32)}> /U <${'2e'.repeat(32)}> /P -4 >>`
