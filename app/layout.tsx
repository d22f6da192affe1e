import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { askEarlyScript } from '@/lib/ask-early'
import { themeScript } from '@/lib/theme'
import { trustedTypesScript } from '@/lib/trusted-types'
import { Providers } from './providers'
import './globals.css'

export const metadata: Metadata = {
  description: 'Team chat that your company runs itself.',
  robots: { index: false, follow: false },
  referrer: 'same-origin',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f4f7f9' },
    { media: '(prefers-color-scheme: dark)', color: '#14181b' },
  ],
}

/** Runs before anything else on the page. */
const firstScript = { __html: trustedTypesScript + themeScript + askEarlyScript }

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined
  return (
    // The theme script sets an attribute on <html> before React sees it.
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* Browsers hide a nonce from the DOM, which React would report as a difference. */}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, and the only way to write a script */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={firstScript} />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
