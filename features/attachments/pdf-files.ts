/** What documents may leave to whoever shows them: fonts that every printer has, and decoders of rare pictures. */
const FILES: Record<string, () => URL> = {
  'FoxitDingbats.pfb': () => new URL('pdfjs-dist/standard_fonts/FoxitDingbats.pfb', import.meta.url),
  'FoxitSymbol.pfb': () => new URL('pdfjs-dist/standard_fonts/FoxitSymbol.pfb', import.meta.url),
  'jbig2.wasm': () => new URL('pdfjs-dist/wasm/jbig2.wasm', import.meta.url),
  'openjpeg.wasm': () => new URL('pdfjs-dist/wasm/openjpeg.wasm', import.meta.url),
}

type Asked = { kind: string; filename: string }

/** Gives pdf.js files by their names, as it asks for them: from this site, and only when a document needs one. */
export class PdfFiles {
  async fetch({ kind, filename }: Asked): Promise<Uint8Array> {
    const files = kind === 'cMapUrl' ? (await import('./pdf-cmaps')).CMAPS : FILES
    const url = files[filename.replace('.bcmap', '')]?.()
    if (!url) throw new Error(`No file ${filename}`)
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`${filename}: ${answer.status}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
}
