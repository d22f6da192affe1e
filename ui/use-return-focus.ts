import { useLayoutEffect, useRef } from 'react'

/**
 * For `onCloseAutoFocus` of a dialog that has no trigger of its own: Radix gives the focus back to a trigger only, and
 * otherwise to nothing. It goes to where it was when the dialog was mounted or, where that is gone or hidden by now, to the
 * nearest thing around it that takes the focus, and at last to the screen itself.
 */
export function useReturnFocus(): (event: Event) => void {
  const before = useRef<HTMLElement[]>([])
  // Not while it is drawn, which may be long before; and what Radix puts into its portal comes after this.
  useLayoutEffect(() => {
    before.current = placesOf(document.activeElement)
    if (before.current.length > 0) return
    // A menu that has just closed gives the focus to its button a moment later, and the dialog takes it back before it
    // arrives there. That is where it came from.
    const leaving = ({ relatedTarget: next }: FocusEvent) => {
      if (!(next instanceof Element) || next.closest('[role=dialog], [role=alertdialog]')) return
      before.current = placesOf(next)
      document.removeEventListener('focusout', leaving)
    }
    document.addEventListener('focusout', leaving)
    return () => document.removeEventListener('focusout', leaving)
  }, [])
  return (event) => {
    event.preventDefault()
    // Whatever closed the dialog went on somewhere else.
    if (document.activeElement && document.activeElement !== document.body) return
    const main = document.querySelector<HTMLElement>('main[tabindex]')
    for (const place of [...before.current, main]) {
      place?.focus()
      if (place && document.activeElement === place) return
    }
  }
}

/** The element and everything around it that takes the focus; for an entry of a menu, that of the menu's button. */
function placesOf(element: Element | null): HTMLElement[] {
  let origin = element
  for (let menu = menuAround(origin); menu; menu = menuAround(origin)) {
    const trigger = document.getElementById(menu.getAttribute('aria-labelledby') ?? '')
    if (!trigger || menu.contains(trigger)) break
    origin = trigger
  }
  const places: HTMLElement[] = []
  for (let place = origin; place && place !== document.body; place = around(place)) {
    if (place instanceof HTMLElement) places.push(place)
  }
  return places
}

const menuAround = (element: Element | null) => element?.closest('[role=menu]')
const around = (element: Element) => element.parentElement?.closest('[tabindex]') ?? null
