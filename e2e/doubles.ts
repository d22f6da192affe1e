import type { Page } from 'playwright-core'

/**
 * From now on every change of the page is searched for a message that is drawn twice in one timeline. Rows whose text
 * has `alike` in it may look the same.
 */
export async function watchDoubles(page: Page, alike?: string): Promise<() => Promise<string[]>> {
  await page.addInitScript((alike) => {
    const found = new Set<string>()
    Object.assign(globalThis, { drawnTwice: found })
    const look = () => {
      for (const timeline of document.querySelectorAll('[role=log]')) {
        const seen = new Set<string>()
        for (const row of timeline.querySelectorAll<HTMLElement>('article[data-key]')) {
          // By id, and by text: two ids with one text would be the same message under two names.
          const text = row.getAttribute('aria-label') ?? ''
          const names = [row.dataset.key ?? '', ...(alike && text.includes(alike) ? [] : [text])]
          for (const name of names) {
            if (seen.has(name)) found.add(name)
            seen.add(name)
          }
        }
      }
    }
    new MutationObserver(look).observe(document, { childList: true, subtree: true })
  }, alike)
  return () => page.evaluate(() => [...(globalThis as unknown as { drawnTwice: Set<string> }).drawnTwice])
}
