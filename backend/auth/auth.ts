import type { Context } from 'hono'
import type postgres from 'postgres'
import type { Logger } from '../log'
import type { ExternalProviders } from '../settings-external'
import type { SmtpSettings } from '../smtp-settings'
import type { Tokens } from '../tokens'
import type { Later } from './later'
import type { AuthRateLimits, Limits } from './limits'
import type { Codes } from './mail/codes'
import type { Mailer } from './mail/mailer'
import type { Passwords } from './passwords'
import type { Seal } from './seal'
import type { ServiceKey } from './sso/service-key'

/** The settings that concern Auth. */
export type AuthSettings = AuthRateLimits & {
  disableSignup: boolean
  jwtExpirySeconds: number
  trustedProxies: number
  passwordMinLength: number
  emailAutoconfirm: boolean
  anonymousUsers: boolean
  otpExpirySeconds: number
  secureEmailChange: boolean
  mailConfirmPage: boolean
  reauthenticateForPassword: boolean
  siteUrl?: string
  passkeys: boolean
  webauthnName: string
  webauthnId?: string
  webauthnOrigins?: string[]
  redirectUrls: string[]
  smtp?: SmtpSettings
  dataDir: string
  externalProviders: ExternalProviders
  externalAllowPrivateHosts: boolean
  manualLinking: boolean
}

/** What every endpoint of the auth service is made from. */
export type Auth = {
  sql: postgres.Sql
  tokens: Tokens
  passwords: Passwords
  limits: Limits
  settings: AuthSettings
  /** Null: no mail is sent. Sign-ups confirm themselves, and links are what an administrator copies. */
  mailer: Mailer | null
  /** For the secrets of providers that an administrator adds. */
  providerSecrets: Seal
  codes: Codes
  later: Later
  /** Made when it is first needed. */
  samlKey: () => Promise<ServiceKey>
  log: Logger
}

/** A request whose API key was accepted: `keyRole` is the role that the key stands for. */
export type AuthEnv = { Variables: { keyRole: string } }

/** A request in hand. */
export type AuthContext = Context<AuthEnv>

/** How long an exchanged refresh token still leads to its successor: tabs that woke up together, as in GoTrue. */
export const REUSE_INTERVAL_SECONDS = 10
