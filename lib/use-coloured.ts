import { type ReactNode, useEffect, useMemo, useState } from 'react'

type Code = typeof import('./coloured')

let code: Code | null = null
/** Once one is there, what is drawn later in that language is coloured at once. */
const learned = new Set<string>()

/**
 * Source in the colours of its language: plain at first, and where no language is named. What colours it is loaded with the
 * first of each language.
 */
export function useColoured(text: string, language: string): ReactNode {
  const name = language.toLowerCase()
  const [ready, setReady] = useState(() => learned.has(name))
  useEffect(() => {
    if (!name) return
    if (learned.has(name)) return setReady(true)
    let gone = false
    // Without a network it stays plain until it is drawn the next time.
    learn(name).then(
      () => !gone && setReady(true),
      () => {},
    )
    return () => {
      gone = true
    }
  }, [name])
  return useMemo(() => (ready && code ? code.coloured(text, name) : text), [text, name, ready])
}

async function learn(name: string) {
  code ??= await import('./coloured')
  await code.learn(name)
  learned.add(name)
}
