/** Away after this long without a sign of the person. */
const AWAY_MS = 10 * 60_000
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** Tells when the person goes away and comes back; starts as here. Returns how to stop. */
export function watchIdle(changed: (away: boolean) => void): () => void {
  let away = false
  let last = Date.now()
  const set = (next: boolean) => {
    if (next === away) return
    away = next
    changed(next)
  }
  const sign = () => {
    last = Date.now()
    set(false)
  }
  const look = () => set(Date.now() - last > AWAY_MS)
  const timer = setInterval(look, 15_000)
  for (const name of SIGNS) window.addEventListener(name, sign, { passive: true, capture: true })
  window.addEventListener('focus', sign)
  return () => {
    clearInterval(timer)
    for (const name of SIGNS) window.removeEventListener(name, sign, { capture: true })
    window.removeEventListener('focus', sign)
  }
}
