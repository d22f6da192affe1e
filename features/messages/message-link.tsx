'use client'

import type { MouseEvent, ReactNode } from 'react'
import { useHost } from './host'

type Props = { href: string; children: ReactNode }

/** Addresses of this installation open in place; all others in a tab that knows nothing of this one. */
export function MessageLink({ href, children }: Props) {
  const host = useHost()
  const here = href.startsWith(`${window.location.origin}/`)
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    host.openLink(href.slice(window.location.origin.length))
  }
  return (
    <a
      href={href}
      {...(here ? { onClick: open } : { target: '_blank', rel: 'noopener noreferrer nofollow' })}
      className="text-accent-ink underline decoration-accent-line underline-offset-2 [overflow-wrap:anywhere] hover:decoration-current"
    >
      {children}
    </a>
  )
}
