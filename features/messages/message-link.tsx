'use client'

import type { ReactNode } from 'react'
import { tooltip } from '@/ui/tooltip'

type Props = { href: string; children: ReactNode }

/** Addresses of this installation open in place; all others in a tab that knows nothing of this one. */
export function MessageLink({ href, children }: Props) {
  const here = href.startsWith(`${window.location.origin}/`)
  return (
    <a
      href={href}
      {...(here ? {} : { target: '_blank', rel: 'noopener noreferrer nofollow' })}
      // The words of a link may say anything: where it leads is shown before it is followed.
      {...tooltip(href.length > 120 ? `${href.slice(0, 120)}…` : href, { side: 'top' })}
      className="text-accent-ink underline decoration-accent-line underline-offset-2 [overflow-wrap:anywhere] hover:decoration-current"
    >
      {children}
    </a>
  )
}
