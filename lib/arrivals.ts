const hearers = new Set<(event: PopStateEvent) => void>()

/**
 * Hears of back and forward before Next.js does: a window calls its listeners in the order in which they came. For that
 * this is loaded with every page.
 */
export function onArrival(hear: (event: PopStateEvent) => void): () => void {
  hearers.add(hear)
  return () => void hearers.delete(hear)
}

if (typeof window !== 'undefined') {
  window.addEventListener('popstate', (event) => {
    for (const hear of [...hearers]) hear(event)
  })
}
