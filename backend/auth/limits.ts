import { addressKey, createRateLimiter, type RateLimit } from '../rate-limit'
import { tooManyMails, tooManyRequests } from './auth-error'
import type { Client } from './request'

/** Requests within five minutes from one address. */
export type AuthRateLimits = {
  rateLimitSignUps: number
  rateLimitSignIns: number
  rateLimitRefreshes: number
  rateLimitOtps: number
  rateLimitVerifies: number
  /** Within an hour, from one address. */
  rateLimitAnonymous: number
  /** Within an hour, to everybody together. */
  rateLimitMails: number
  /** Seconds between two mails of one kind to one address. */
  mailIntervalSeconds: number
}

const WINDOW_SECONDS = 300
/** A whole office may share one address; one account there is tried this often at most. */
const SIGN_INS_PER_ACCOUNT = 30
/** Guesses at the six digits of one account, in all of the world: one in 100,000 succeeds while a code lives. */
const CODES_PER_ACCOUNT = 10
const CODES_WINDOW_SECONDS = 3600
/** The same from one address, so that somebody elsewhere does not use up what the person needs. */
const CODES_FROM_ONE_ADDRESS = 5

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
  /** Requests for mails. */
  otp(client: Client): void
  /** Counted whether there is an account or not, so that a refusal tells nothing. */
  mail(kind: string, email: string): void
  /** Whether one more may go to an address by the choice of somebody who has shown nothing of it. */
  mayMail(kind: string, email: string): boolean
  /** Mails that an administrator asks for. */
  anyMail(): void
  /** Uses of links and codes. */
  verify(client: Client): void
  /**
   * Guesses at a code; returns what to call when it was right, which is then not counted. Links stay usable when the
   * guesses are used up.
   */
  code(client: Client, account: string): () => void
  anonymous(client: Client): void
}

/** Rate limits per kind of request. */
export function createLimits(settings: AuthRateLimits): Limits {
  const perWindow = (limit: number): RateLimit => ({ limit, windowSeconds: WINDOW_SECONDS })
  const signUps = createRateLimiter(perWindow(settings.rateLimitSignUps))
  const signIns = createRateLimiter(perWindow(settings.rateLimitSignIns))
  const accounts = createRateLimiter(perWindow(Math.min(SIGN_INS_PER_ACCOUNT, settings.rateLimitSignIns)))
  const refreshes = createRateLimiter(perWindow(settings.rateLimitRefreshes))
  const updates = createRateLimiter(perWindow(settings.rateLimitSignIns))
  const otps = createRateLimiter(perWindow(settings.rateLimitOtps))
  const verifies = createRateLimiter(perWindow(settings.rateLimitVerifies))
  const codes = createRateLimiter({ limit: CODES_PER_ACCOUNT, windowSeconds: CODES_WINDOW_SECONDS })
  const codesFrom = createRateLimiter({ limit: CODES_FROM_ONE_ADDRESS, windowSeconds: CODES_WINDOW_SECONDS })
  const anonymous = createRateLimiter({ limit: settings.rateLimitAnonymous, windowSeconds: 3600 })
  const mails = createRateLimiter({ limit: settings.rateLimitMails, windowSeconds: 3600 })
  const interval = settings.mailIntervalSeconds
  const mailsTo = createRateLimiter({ limit: 1, windowSeconds: Math.max(1, interval) })
  const waitFor = (kind: string, email: string) => (interval > 0 ? mailsTo.take(`${kind} ${email}`) : 0)
  const anyMail = () => {
    const wait = mails.take('')
    if (wait > 0) throw tooManyMails('email rate limit exceeded', wait)
  }
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
    otp: (client) => check(otps.take(addressKey(client.address))),
    mail(kind, email) {
      const wait = waitFor(kind, email)
      if (wait > 0) {
        throw tooManyMails(`For security purposes, you can only request this after ${wait} seconds.`, wait)
      }
      anyMail()
    },
    mayMail: (kind, email) => waitFor(kind, email) === 0,
    anyMail,
    verify: (client) => check(verifies.take(addressKey(client.address))),
    code(client, account) {
      const here = `${addressKey(client.address)} ${account}`
      check(codesFrom.take(here))
      check(codes.take(account))
      return () => {
        codesFrom.giveBack(here)
        codes.giveBack(account)
      }
    },
    anonymous: (client) => check(anonymous.take(addressKey(client.address))),
  }
}
