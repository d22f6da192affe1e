import { addressKey, createRateLimiter, type RateLimit } from '../rate-limit'
import { tooManyRequests } from './auth-error'
import type { Client } from './request'

/** Requests within five minutes from one address. */
export type AuthRateLimits = {
  rateLimitSignUps: number
  rateLimitSignIns: number
  rateLimitRefreshes: number
}

const WINDOW_SECONDS = 300
/** A whole office may share one address; one account there is tried this often at most. */
const SIGN_INS_PER_ACCOUNT = 30

/** What is counted, and throws when there was too much of it. */
export type Limits = {
  signUp(client: Client): void
  /** Counts per address and per account from that address: nobody locks somebody else out from elsewhere. */
  signIn(client: Client, email: string): void
  /** A sign-in that names no account beforehand. */
  passkey(client: Client): void
  refresh(client: Client): void
  /** Changes of an account, of which some cost as much as a sign-in. */
  update(client: Client, userId: string): void
}

/** Rate limits per kind of request. */
export function createLimits(settings: AuthRateLimits): Limits {
  const perWindow = (limit: number): RateLimit => ({ limit, windowSeconds: WINDOW_SECONDS })
  const signUps = createRateLimiter(perWindow(settings.rateLimitSignUps))
  const signIns = createRateLimiter(perWindow(settings.rateLimitSignIns))
  const accounts = createRateLimiter(perWindow(Math.min(SIGN_INS_PER_ACCOUNT, settings.rateLimitSignIns)))
  const refreshes = createRateLimiter(perWindow(settings.rateLimitRefreshes))
  const updates = createRateLimiter(perWindow(settings.rateLimitSignIns))
  const check = (wait: number) => {
    if (wait > 0) throw tooManyRequests(wait)
  }
  return {
    signUp: (client) => check(signUps.take(addressKey(client.address))),
    signIn(client, email) {
      check(signIns.take(addressKey(client.address)))
      check(accounts.take(`${addressKey(client.address)} ${email.slice(0, 255)}`))
    },
    passkey: (client) => check(signIns.take(addressKey(client.address))),
    refresh: (client) => check(refreshes.take(addressKey(client.address))),
    update: (client, userId) => check(updates.take(`${addressKey(client.address)} ${userId}`)),
  }
}
