import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AuthContext } from '../auth'

/**
 * The browser that began a sign-in carries a cookie of its flow, and only it may end the flow: a link to the end of
 * somebody else's sign-in would sign a person in as that somebody. GoTrue leaves this to PKCE, which not every
 * client uses.
 */
export function markFlow(c: AuthContext, state: string, callbackUrl: string, seconds: number): void {
  const { protocol, pathname } = new URL(callbackUrl)
  setCookie(c, name(state), '1', {
    path: pathname,
    httpOnly: true,
    secure: protocol === 'https:',
    sameSite: 'Lax',
    maxAge: seconds,
  })
}

/** Whether this browser began the flow; the cookie has done its work then. */
export function takeFlowMark(c: AuthContext, state: string, callbackUrl: string): boolean {
  const found = getCookie(c, name(state)) === '1'
  if (found) deleteCookie(c, name(state), { path: new URL(callbackUrl).pathname })
  return found
}

function name(state: string): string {
  return `sign-in-${state}`
}
