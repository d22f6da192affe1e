/**
 * Runs something once the frame that is being made has been drawn: what nobody sees at once does not hold up what they
 * wait for. Returns how to take that back. A page that is hidden draws no frames, and waits for none.
 */
export function afterFrame(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let frame: number | undefined
  const behind = () => {
    timer = setTimeout(run)
  }
  if (document.visibilityState === 'visible') frame = requestAnimationFrame(behind)
  else behind()
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}
