import { type ReactNode, useEffect, useMemo, useState } from 'react'

type Colour = (text: string, name: string) => ReactNode

/** Once it is there, what is drawn later is coloured at once. */
let loaded: Colour | null = null

/** Source in the colours of its language: plain at first, and where no language is named. What colours it is loaded for the first. */
export function useColoured(text: string, language: string): ReactNode {
  const [colour, setColour] = useState<Colour | null>(() => loaded)
  const wanted = language !== ''
  useEffect(() => {
    if (!wanted || loaded) return
    let gone = false
    // Without a network it stays plain until it is drawn the next time.
    import('./coloured').then(
      (code) => {
        loaded = code.coloured
        if (!gone) setColour(() => code.coloured)
      },
      () => {},
    )
    return () => {
      gone = true
    }
  }, [wanted])
  return useMemo(
    () => (wanted && colour ? colour(text, language.toLowerCase()) : text),
    [text, language, wanted, colour],
  )
}
