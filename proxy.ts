import { type NextRequest, NextResponse } from 'next/server'
import { contentSecurityPolicy } from '@/lib/content-security-policy'

/** Every page gets its own nonce; Next.js puts it on the scripts it writes. */
export function proxy(request: NextRequest) {
  const nonce = btoa(crypto.randomUUID())
  const policy = contentSecurityPolicy({
    nonce,
    // Read by name at run time: NEXT_PUBLIC_ names written out are replaced when the site is built.
    supabaseUrl: process.env['NEXT_PUBLIC_SUPABASE_URL'.toString()] || process.env.SUPABASE_URL,
    development: process.env.NODE_ENV === 'development',
  })
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('referrer-policy', 'same-origin')
  response.headers.set(
    'permissions-policy',
    'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
  )
  response.headers.set('cross-origin-opener-policy', 'same-origin')
  return response
}

export const config = { matcher: ['/((?!_next/static|_next/image|favicon.ico|icon.svg).*)'] }
