import type { PDFPageProxy, RenderTask } from 'pdfjs-dist'
import { sizeOf } from './pdf-document'
import { densityOf, drawnSize } from './pdf-sizes'

type Options = { onto: HTMLElement; over: HTMLElement; scale: number; signal: AbortSignal }

/** A page that takes longer is made to. */
const DRAW_MS = 30_000

/** Draws a page into `onto` and its text into `over`, which keep what they had until then; aborted, it gives back what it took. */
export async function drawPage(page: PDFPageProxy, { onto, over, scale, signal }: Options): Promise<void> {
  const { TextLayer } = await import('pdfjs-dist/legacy/build/pdf.mjs')
  signal.throwIfAborted()
  const viewport = page.getViewport({ scale })
  const size = drawnSize(sizeOf(page), scale)
  const density = densityOf(size, window.devicePixelRatio)
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.floor(size.width * density))
  canvas.height = Math.max(1, Math.floor(size.height * density))
  canvas.className = 'block size-full'
  const free = () => {
    canvas.width = 0
    canvas.height = 0
  }
  let task: RenderTask | undefined
  const words = document.createElement('div')
  let layer: InstanceType<typeof TextLayer> | undefined
  const stop = () => {
    task?.cancel()
    layer?.cancel()
    free()
    canvas.remove()
    page.cleanup()
  }
  signal.addEventListener('abort', stop, { once: true })
  const timer = setTimeout(() => task?.cancel(), DRAW_MS)
  try {
    task = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] })
    await task.promise
    for (const last of onto.querySelectorAll('canvas')) last.width = 0
    onto.replaceChildren(canvas)
    layer = new TextLayer({ textContentSource: page.streamTextContent(), container: words, viewport })
    await layer.render()
    signal.throwIfAborted()
    over.replaceChildren(words)
  } finally {
    clearTimeout(timer)
  }
}
