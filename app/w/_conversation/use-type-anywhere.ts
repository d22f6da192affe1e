'use client'

import { type RefObject, useEffect } from 'react'

const TAKES_KEYS =
  'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="alertdialog"]'

/** Typing with the focus nowhere in particular goes to the composer. */
export function useTypeAnywhere(fieldRef: RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const field = fieldRef.current
      if (!field || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key.length !== 1 || event.key === ' ' || event.isComposing) return
      const target = event.target as HTMLElement
      if (target.closest(TAKES_KEYS) || document.querySelector('[role="dialog"], [role="menu"]')) return
      // The letter itself arrives in the field that has the focus when the key is done.
      field.focus()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [fieldRef])

  // With a fine pointer the composer is where one begins; on a phone the keyboard would cover the conversation.
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches && document.activeElement === document.body) {
      fieldRef.current?.focus({ preventScroll: true })
    }
  }, [fieldRef])
}
