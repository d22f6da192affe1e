import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { limitVariables } from './realtime/limits'
import { environmentWithFile, parseSettings, settingNames } from './settings'
import { operationsVariables } from './settings-operations'

const parse = (env: Record<string, string>) =>
  parseSettings({ NODE_ENV: 'test', ...env }, { port: 3000, root: '/srv/chat' })

test('everything has a default', () => {
  expect(parse({})).toMatchObject({
    port: 3000,
    host: '',
    dataDir: '/srv/chat/data',
    migrationsDir: '/srv/chat/supabase/migrations',
    trustedProxies: 0,
    disableSignup: false,
  })
})

test('an empty value is one that is not set', () => {
  expect(parse({ PORT: '', SITE_URL: ' ' })).toEqual(parse({}))
})

test('every wrong setting is listed in one error', () => {
  const wrong = { PORT: '70000', SITE_URL: 'chat.example.com', JWT_SECRET: 'short', TRUSTED_PROXIES: '-1' }
  expect(() => parse(wrong)).toThrow(
    expect.objectContaining({
      message: [
        'These settings are wrong:',
        '  PORT: must be a whole number from 0 to 65535',
        '  SITE_URL: must be an address like https://chat.example.com',
        '  JWT_SECRET: must have at least 32 characters',
        '  TRUSTED_PROXIES: must be a whole number from 0 to 10',
      ].join('\n'),
    }),
  )
})

test('a secret is not repeated in the error', () => {
  const check = () => parse({ DATABASE_URL: 'mysql://root:hunter2@host/x', JWT_SECRET: 'hunter2' })
  expect(check).toThrow(/DATABASE_URL.*postgresql/)
  expect(check).not.toThrow(/hunter2/)
})

test('a Supabase project is named by address and key together, under either name', () => {
  expect(
    parse({ NEXT_PUBLIC_SUPABASE_URL: 'https://x.supabase.co/', NEXT_PUBLIC_SUPABASE_ANON_KEY: 'key' }),
  ).toMatchObject({ supabaseUrl: 'https://x.supabase.co', supabaseAnonKey: 'key' })
  expect(() => parse({ SUPABASE_URL: 'https://x.supabase.co' })).toThrow(/SUPABASE_ANON_KEY: is missing/)
})

test('a list may be separated by commas or blanks', () => {
  const { redirectUrls } = parse({ ADDITIONAL_REDIRECT_URLS: 'https://a.example, https://b.example/x' })
  expect(redirectUrls).toEqual(['https://a.example', 'https://b.example/x'])
})

test('a missing .env file is no error', () => {
  const env = { NODE_ENV: 'test', PORT: '1' } as const
  expect(environmentWithFile(env, '/nowhere/.env')).toBe(env)
})

test('a mail server is told with whom mails are from and where links lead', () => {
  const smtp = { SMTP_HOST: 'mail.example.com', SMTP_ADMIN_EMAIL: 'chat@example.com' }
  expect(parse({}).smtp).toBeUndefined()
  expect(() => parse({ SMTP_HOST: 'mail.example.com', SMTP_USER: 'chat' })).toThrow(
    /SITE_URL: is missing.*\n.*SMTP_ADMIN_EMAIL: is missing.*\n.*SMTP_PASS: is missing/,
  )
  const site = { ...smtp, SITE_URL: 'https://chat.example.com' }
  expect(parse(site).smtp).toEqual({
    host: 'mail.example.com',
    port: 587,
    secure: 'starttls',
    from: 'chat@example.com',
    senderName: 'EnterpriseChat',
  })
  expect(parse({ ...site, SMTP_PORT: '465' }).smtp).toMatchObject({ port: 465, secure: 'tls' })
  expect(parse({ ...site, SMTP_HOST: 'localhost' }).smtp).toMatchObject({ secure: 'none' })
})

test('limits of Realtime are read, and those that are wrong are listed', () => {
  expect(parse({}).realtime).toEqual({})
  expect(parse({ REALTIME_MAX_SOCKETS: '10', REALTIME_PRIVATE_ONLY: 'true' }).realtime).toEqual({
    maxSockets: 10,
    privateOnly: true,
  })
  expect(() => parse({ REALTIME_IDLE_MS: '10', REALTIME_MAX_SOCKETS: '0' })).toThrow(
    /REALTIME_MAX_SOCKETS: must be .* from 1 to 1000000\n {2}REALTIME_IDLE_MS: must be .* from 1000 to 3600000/,
  )
})

test('docs/settings.md names every setting', () => {
  const page = readFileSync(new URL('../docs/settings.md', import.meta.url), 'utf8')
  const missing = [...settingNames, ...limitVariables, ...operationsVariables].filter(
    (name) => !page.includes(`\`${name}\``),
  )
  // Without NEXT_PUBLIC_ they stand in one line with their prefixed names.
  expect(missing).toEqual([])
})

test('backups are kept outside of the data folder', () => {
  const backupDir = (BACKUP_DIR: string) => parse({ BACKUP_DIR, DATA_DIR: '/srv/data' }).backup.dir
  expect(backupDir('/srv/data-backups')).toBe('/srv/data-backups')
  expect(backupDir('../backups')).toBe('/srv/backups')
  for (const inside of ['/srv/data', '/srv/data/backups', '/srv/x/../data/y']) {
    expect(() => backupDir(inside)).toThrow(/BACKUP_DIR: must be outside of DATA_DIR/)
  }
})

test('limits of backups and metrics are checked', () => {
  expect(parse({}).backup).toEqual({ everyHours: 24, keepDaily: 7, keepWeekly: 4, walSeconds: 60 })
  expect(parse({}).metrics).toEqual({ loopback: false })
  expect(() => parse({ BACKUP_WAL_SECONDS: '301' })).toThrow(
    /BACKUP_WAL_SECONDS: must be a whole number from 5 to 300/,
  )
  expect(() => parse({ METRICS_TOKEN: 'short', METRICS_LOOPBACK: 'maybe' })).toThrow(
    /METRICS_TOKEN: must have at least 16 characters\n {2}METRICS_LOOPBACK: must be true or false/,
  )
})
