import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { type Limits, parseLimits } from './realtime/limits'
import { type ExternalProviders, parseExternalProviders } from './settings-external'
import { type OperationsSettings, parseOperations } from './settings-operations'
import { readSmtp, type SmtpSettings } from './smtp-settings'
import { StartError } from './start-error'
import { readS3, type S3Settings } from './storage-settings'

const text = z.string().trim()
const number = (least: number, most: number) =>
  text
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`)
const flag = text
  .toLowerCase()
  .refine((value) => ['true', 'false', '1', '0', 'yes', 'no'].includes(value), 'must be true or false')
  .transform((value) => ['true', '1', 'yes'].includes(value))
const webAddress = text
  .refine((value) => /^https?:$/.test(protocolOf(value)), 'must be an address like https://chat.example.com')
  .transform((value) => value.replace(/\/+$/, ''))
const databaseAddress = text.refine(
  (value) => /^postgres(ql)?:$/.test(protocolOf(value)),
  'must be an address like postgresql://user:password@host:5432/name',
)
const domain = text
  .toLowerCase()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a domain like chat.example.com')
const list = text.transform((value) => value.split(/[\s,]+/).filter(Boolean))

/** Every setting: its name in the environment and what it may be. All are optional. */
const shape = {
  PORT: number(0, 65_535),
  HOST: text,
  DATA_DIR: text,
  DATABASE_URL: databaseAddress,
  DATABASE_PORT: number(1, 65_535),
  SITE_URL: webAddress,
  SUPABASE_URL: webAddress,
  SUPABASE_ANON_KEY: text,
  SUPABASE_SERVICE_ROLE_KEY: text,
  MIGRATIONS_DIR: text,
  JWT_SECRET: text.min(32, 'must have at least 32 characters'),
  JWT_EXPIRY: number(60, 604_800),
  TRUSTED_PROXIES: number(0, 10),
  ADDITIONAL_REDIRECT_URLS: list,
  DISABLE_SIGNUP: flag,
  ENABLE_EMAIL_AUTOCONFIRM: flag,
  ENABLE_ANONYMOUS_USERS: flag,
  SMTP_HOST: text,
  SMTP_PORT: number(1, 65_535),
  SMTP_USER: text,
  SMTP_PASS: text,
  SMTP_ADMIN_EMAIL: text.regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'must be an address like chat@example.com'),
  SMTP_SENDER_NAME: text,
  SMTP_SECURE: text.toLowerCase().pipe(z.enum(['tls', 'starttls', 'none', 'true', 'false'])),
  SMTP_MAX_FREQUENCY: number(0, 3600),
  MAILER_OTP_EXP: number(60, 86_400),
  MAILER_SECURE_EMAIL_CHANGE_ENABLED: flag,
  MAILER_CONFIRM_PAGE: flag,
  SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION: flag,
  RATE_LIMIT_EMAIL_SENT: number(1, 1_000_000),
  RATE_LIMIT_OTP: number(1, 1_000_000),
  RATE_LIMIT_VERIFY: number(1, 1_000_000),
  RATE_LIMIT_ANONYMOUS_USERS: number(1, 1_000_000),
  AUDIT_LOG_DAYS: number(0, 36_500),
  EXTERNAL_ALLOW_PRIVATE_HOSTS: flag,
  SECURITY_MANUAL_LINKING_ENABLED: flag,
  PASSKEY_ENABLED: flag,
  WEBAUTHN_RP_ID: domain,
  WEBAUTHN_RP_DISPLAY_NAME: text,
  WEBAUTHN_RP_ORIGINS: list,
  PASSWORD_MIN_LENGTH: number(6, 72),
  RATE_LIMIT_SIGN_UPS: number(1, 1_000_000),
  RATE_LIMIT_SIGN_INS: number(1, 1_000_000),
  RATE_LIMIT_REFRESHES: number(1, 1_000_000),
  REST_EXPLAIN: flag,
  REST_SCHEMAS: list,
  BODY_LIMIT: number(1024, 1_073_741_824),
  FILE_SIZE_LIMIT: number(1024, 1_099_511_627_776),
  STORAGE_S3_BUCKET: text,
  STORAGE_S3_REGION: text,
  STORAGE_S3_ENDPOINT: webAddress,
  STORAGE_S3_FORCE_PATH_STYLE: flag,
  STORAGE_S3_ACCESS_KEY_ID: text,
  STORAGE_S3_SECRET_ACCESS_KEY: text,
  REALTIME_ALLOWED_ORIGINS: list,
  REALTIME_PRIVATE_ONLY: flag,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
}

/** The names of these settings. */
export const settingNames = Object.keys(shape)

/** What an installation is started with. */
export type Settings = OperationsSettings & {
  port: number
  /** Address to listen on; empty for all of the machine's. */
  host: string
  dataDir: string
  migrationsDir: string
  /** How many reverse proxies stand in front, whose X-Forwarded-* headers are believed. */
  trustedProxies: number
  /** Where sign-in links may lead, besides the site itself. */
  redirectUrls: string[]
  disableSignup: boolean
  /** Accounts count as confirmed without an answer to a mail; always so when no mail is sent. */
  emailAutoconfirm: boolean
  anonymousUsers: boolean
  /** How long a link or code of a mail may be used. */
  otpExpirySeconds: number
  /** Between two mails of one kind to one address. */
  mailIntervalSeconds: number
  /** A new address is confirmed by the old one too. */
  secureEmailChange: boolean
  /** A link of a mail opens a page with a button; only that uses the link up. */
  mailConfirmPage: boolean
  /** A password changes with a code from a mail when the sign-in is older than a day. */
  reauthenticateForPassword: boolean
  /** Mails an hour, to everybody together. */
  rateLimitMails: number
  /** Accounts without a name an hour, from one address. */
  rateLimitAnonymous: number
  /** Days that entries of the sign-in log are kept; 0: for ever. */
  auditLogDays: number
  /** People may sign in with a passkey. */
  passkeys: boolean
  /** What authenticators show as the name of the site. */
  webauthnName: string
  jwtExpirySeconds: number
  passwordMinLength: number
  /** The rate limits count requests within five minutes from one address. */
  rateLimitSignUps: number
  rateLimitSignIns: number
  rateLimitRefreshes: number
  rateLimitOtps: number
  rateLimitVerifies: number
  /** Clients may ask for the plan of a statement, which tells of tables and of how many rows they have. */
  restExplain: boolean
  /** Schemas that REST shows; the first is the one that requests mean which name none. */
  restSchemas: string[]
  bodyLimit: number
  /** Bytes that a file may have at most, in any bucket. */
  fileSizeLimit: number
  /** Set: bytes of files are kept there and not in the data folder. */
  s3?: S3Settings
  /** What clients of Realtime may do, where it is not the default. */
  realtime: Partial<Limits>
  logLevel: string
  databaseUrl?: string
  databasePort?: number
  /** Where people find the site, when that is not the address they asked for. */
  siteUrl?: string
  /** The domain that passkeys and security keys belong to; unset: the site's. */
  webauthnId?: string
  /** The web pages that may use them; unset: the site. */
  webauthnOrigins?: string[]
  /** Set together: an existing Supabase is used and no backend of our own is started. */
  supabaseUrl?: string
  supabaseAnonKey?: string
  /** For what the front end's server does beyond row-level security; without, those parts answer 501. */
  supabaseServiceKey?: string
  jwtSecret?: string
  /** Set: mails are sent. */
  smtp?: SmtpSettings
  /** Providers that people may sign in with, besides those an administrator adds. */
  externalProviders: ExternalProviders
  /** Providers that an administrator adds may be inside the own network. */
  externalAllowPrivateHosts: boolean
  /** Signed-in people may connect further providers with their account. */
  manualLinking: boolean
}

/** Defaults that differ between `npm start` and `npm run backend`. */
export type SettingsDefaults = { port: number; root: string }

/** The two that a browser may know. A secret key with that prefix is a mistake that is not helped along. */
const alsoPublic = new Set(['SUPABASE_URL', 'SUPABASE_ANON_KEY'])

/** Reads settings from the environment; throws one error that lists everything that is wrong. */
export function parseSettings(env: NodeJS.ProcessEnv, { port, root }: SettingsDefaults): Settings {
  const given: Record<string, string> = {}
  for (const name of Object.keys(shape)) {
    // Next.js projects and the deployment guide use the prefixed names. An empty value means: not set.
    const value = env[name]?.trim() || (alsoPublic.has(name) && env[`NEXT_PUBLIC_${name}`]?.trim())
    if (value) given[name] = value
  }
  const parsed = z.object(shape).partial().safeParse(given)
  const wrong = parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? []
  if (!given.SUPABASE_URL !== !given.SUPABASE_ANON_KEY) {
    const missing = given.SUPABASE_URL ? 'SUPABASE_ANON_KEY' : 'SUPABASE_URL'
    wrong.push(`${missing}: is missing; set both to use a Supabase project, or neither`)
  }
  const smtp = readSmtp(given, wrong)
  const s3 = readS3(given, wrong)
  const external = parseExternalProviders(env)
  const realtime = parseLimits(env)
  const operations = parseOperations(env, root)
  wrong.push(...external.wrong, ...realtime.wrong, ...operations.wrong)
  if (!parsed.success || wrong.length > 0) throw wrongSettings(wrong)
  const values = parsed.data
  return {
    port: values.PORT ?? port,
    host: values.HOST ?? '',
    dataDir: resolve(root, values.DATA_DIR ?? 'data'),
    migrationsDir: resolve(root, values.MIGRATIONS_DIR ?? 'supabase/migrations'),
    trustedProxies: values.TRUSTED_PROXIES ?? 0,
    redirectUrls: values.ADDITIONAL_REDIRECT_URLS ?? [],
    disableSignup: values.DISABLE_SIGNUP ?? false,
    emailAutoconfirm: values.ENABLE_EMAIL_AUTOCONFIRM ?? false,
    anonymousUsers: values.ENABLE_ANONYMOUS_USERS ?? false,
    otpExpirySeconds: values.MAILER_OTP_EXP ?? 3600,
    mailIntervalSeconds: values.SMTP_MAX_FREQUENCY ?? 60,
    secureEmailChange: values.MAILER_SECURE_EMAIL_CHANGE_ENABLED ?? true,
    mailConfirmPage: values.MAILER_CONFIRM_PAGE ?? true,
    reauthenticateForPassword: values.SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION ?? false,
    rateLimitMails: values.RATE_LIMIT_EMAIL_SENT ?? 1000,
    rateLimitAnonymous: values.RATE_LIMIT_ANONYMOUS_USERS ?? 30,
    auditLogDays: values.AUDIT_LOG_DAYS ?? 365,
    backup: operations.backup,
    metrics: operations.metrics,
    externalProviders: external.providers,
    externalAllowPrivateHosts: values.EXTERNAL_ALLOW_PRIVATE_HOSTS ?? false,
    manualLinking: values.SECURITY_MANUAL_LINKING_ENABLED ?? false,
    passkeys: values.PASSKEY_ENABLED ?? true,
    webauthnName: values.WEBAUTHN_RP_DISPLAY_NAME ?? 'EnterpriseChat',
    jwtExpirySeconds: values.JWT_EXPIRY ?? 3600,
    passwordMinLength: values.PASSWORD_MIN_LENGTH ?? 8,
    // One office is often one address: these are for everybody in it.
    rateLimitSignUps: values.RATE_LIMIT_SIGN_UPS ?? 100,
    rateLimitSignIns: values.RATE_LIMIT_SIGN_INS ?? 150,
    rateLimitRefreshes: values.RATE_LIMIT_REFRESHES ?? 1500,
    rateLimitOtps: values.RATE_LIMIT_OTP ?? 60,
    rateLimitVerifies: values.RATE_LIMIT_VERIFY ?? 60,
    restExplain: values.REST_EXPLAIN ?? false,
    restSchemas: values.REST_SCHEMAS ?? ['public'],
    bodyLimit: values.BODY_LIMIT ?? 10 * 1024 * 1024,
    fileSizeLimit: values.FILE_SIZE_LIMIT ?? 1024 * 1024 * 1024,
    realtime: {
      ...realtime.limits,
      ...defined({
        privateOnly: values.REALTIME_PRIVATE_ONLY,
        allowedOrigins: values.REALTIME_ALLOWED_ORIGINS,
      }),
    },
    logLevel: values.LOG_LEVEL ?? 'info',
    ...defined({
      databaseUrl: values.DATABASE_URL,
      databasePort: values.DATABASE_PORT,
      siteUrl: values.SITE_URL,
      webauthnId: values.WEBAUTHN_RP_ID,
      webauthnOrigins: values.WEBAUTHN_RP_ORIGINS,
      supabaseUrl: values.SUPABASE_URL,
      supabaseAnonKey: values.SUPABASE_ANON_KEY,
      supabaseServiceKey: values.SUPABASE_SERVICE_ROLE_KEY,
      jwtSecret: values.JWT_SECRET,
      smtp,
      s3,
    }),
  }
}

/** The environment with a `.env` file beneath it: what is really in the environment wins. */
export function environmentWithFile(env: NodeJS.ProcessEnv, file: string): NodeJS.ProcessEnv {
  let content = ''
  try {
    content = readFileSync(file, 'utf8')
  } catch {
    return env
  }
  return { ...parseEnv(content), ...env }
}

function wrongSettings(wrong: string[]): StartError {
  return new StartError(`These settings are wrong:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
}

function protocolOf(value: string): string {
  return URL.canParse(value) ? new URL(value).protocol : ''
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
