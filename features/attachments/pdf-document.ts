import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'

/** Why a document is not shown. */
export type PdfProblem = 'locked' | 'broken' | 'slow'

export class PdfRefused extends Error {
  readonly problem: PdfProblem
  constructor(problem: PdfProblem, cause?: unknown) {
    super(`The PDF is ${problem}.`, { cause })
    this.problem = problem
  }
}

/** A document that is open in a thread of its own. */
export type Pdf = {
  count: number
  /** Of the first page, in the units of PDF: most documents have pages of one size. */
  size: PageSize
  page(number: number): Promise<PDFPageProxy>
  close(): void
}

export type PageSize = { width: number; height: number }

/** Larger ones are for a program of their own: the whole file is in memory here. */
export const MAX_PDF_BYTES = 50_000_000
/** A picture inside of a page: beyond this it is left out. */
const MAX_IMAGE_PIXELS = 50_000_000
/** A document that takes longer is made to. */
const OPEN_MS = 20_000

const load = () => import('pdfjs-dist/legacy/build/pdf.mjs')

/** The thread, from this site's own files. */
const workerUrl = () => new URL('pdfjs-dist/legacy/build/pdf.worker.min.mjs', import.meta.url).toString()

/** Opens a document, which may be anything that somebody called a PDF. Rejects with PdfRefused. */
export async function openPdf(file: Blob): Promise<Pdf> {
  const [{ getDocument, PDFWorker, PasswordException, VerbosityLevel }, { PdfFiles }] = await Promise.all([
    load(),
    import('./pdf-files'),
  ])
  const thread = new Worker(workerUrl(), { type: 'module' })
  // Its types forget that there is one.
  const worker = new PDFWorker({ port: thread as never, verbosity: VerbosityLevel.ERRORS })
  const task = getDocument({
    worker,
    data: new Uint8Array(await file.arrayBuffer()),
    BinaryDataFactory: PdfFiles,
    maxImageSize: MAX_IMAGE_PIXELS,
    verbosity: VerbosityLevel.ERRORS,
    // Of what a PDF can hold only pages are drawn: no forms of its own kind, and its scripts are never given to anything.
    enableXfa: false,
    disableWorkerRendering: true,
  })
  const close = () => {
    void task.destroy().catch(() => {})
    worker.destroy()
    // Whatever it is busy with: the thread ends, and what it took is given back.
    thread.terminate()
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const document = await Promise.race([
      task.promise,
      new Promise<never>((_resolve, reject) => {
        thread.onerror = (event) => reject(new PdfRefused('broken', event.message))
        task.onPassword = () => reject(new PdfRefused('locked'))
        timer = setTimeout(() => reject(new PdfRefused('slow')), OPEN_MS)
      }),
    ])
    const first = sizeOf(await document.getPage(1))
    return { count: document.numPages, size: first, page: (number) => pageOf(document, number), close }
  } catch (error) {
    close()
    if (error instanceof PdfRefused) throw error
    throw new PdfRefused(error instanceof PasswordException ? 'locked' : 'broken', error)
  } finally {
    clearTimeout(timer)
  }
}

const pageOf = (document: PDFDocumentProxy, number: number) => document.getPage(number)

/** How large a page is drawn at 1:1; a size that cannot be is that of a letter. */
export function sizeOf(page: Pick<PDFPageProxy, 'getViewport'>): PageSize {
  const { width, height } = page.getViewport({ scale: 1 })
  return width > 0 && height > 0 && Number.isFinite(width * height)
    ? { width, height }
    : { width: 612, height: 792 }
}
