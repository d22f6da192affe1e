import type { Context } from 'hono'
import type postgres from 'postgres'
import type { Tokens } from '../tokens'
import type { AuthRateLimits, Limits } from './limits'
import type { Passwords } from './passwords'

/** The settings that concern Auth. */
export type AuthSettings = AuthRateLimits & {
  disableSignup: boolean
  jwtExpirySeconds: number
  trustedProxies: number
  passwordMinLength: number
}

/** What every endpoint of the auth service is made from. */
export type Auth = {
  sql: postgres.Sql
  tokens: Tokens
  passwords: Passwords
  limits: Limits
  settings: AuthSettings
}

/** A request whose API key was accepted: `keyRole` is the role that the key stands for. */
export type AuthEnv = { Variables: { keyRole: string } }

/** A request in hand. */
export type AuthContext = Context<AuthEnv>

/** How long an exchanged refresh token still leads to its successor: tabs that woke up together, as in GoTrue. */
export const REUSE_INTERVAL_SECONDS = 10
