import { mkdirSync } from 'node:fs'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A microphone that beeps, and nobody to be asked about it.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
]

/** How long a person would wait before calling it broken. A net, never a measurement. */
export const PATIENCE_MS = 20_000

export const launchBrowser = (options: LaunchOptions = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: FLAGS,
    ...options,
  })

export type Guarded = {
  context: BrowserContext
  page: Page
  /** What went wrong in the page and nobody announced: console errors, exceptions, refused content. */
  problems: string[]
  /** A failure that a test provokes on purpose; the console reports the answer's status as an error. */
  expectProblem(pattern: RegExp): void
}

/** A browser profile of its own with one page, watched for everything that a clean page does not do. */
export async function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<Guarded> {
  const context = await browser.newContext(options)
  const problems: string[] = []
  const expected: RegExp[] = []
  const report = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) problems.push(text)
  }
  context.setDefaultTimeout(PATIENCE_MS)
  context.on('console', (message) => {
    if (message.type() === 'error') report(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => report(`exception: ${error.error().stack ?? error.error()}`))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`)
    })
  })
  const page = await context.newPage()
  return { context, page, problems, expectProblem: (pattern) => void expected.push(pattern) }
}

/** Leaves a picture of what the person saw when the test failed. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = 'test-results'
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${name.replace(/[^\w]+/g, '-').slice(0, 120)}.png`
  await page.screenshot({ path: file }).catch(() => {})
}
