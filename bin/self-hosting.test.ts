import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseSettings } from '../backend/settings'

// Every command of docs/self-hosting.md is run here, or named below with the reason why a test cannot run it.
const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** Commands by how they begin. */
const NOT_RUN: Record<string, string> = {
  'sudo apt ': 'changes the machine',
  'git clone ': 'the repository has no address here',
  'sudo git clone ': 'the repository has no address here',
  'cd ': 'there is nothing to see',
  'git pull': 'there is nothing to pull from',
  'sudo docker compose ': 'needs a container engine; bin/compose.test.ts checks the files',
  'curl --fail http://localhost:3000/':
    'needs the product on port 3000; e2e/packed.spec.ts asks it on another',
  'sudo systemctl ': 'needs systemd as the first process',
  'systemctl status ': 'needs systemd as the first process',
  'sudo certbot ': 'needs a name that leads here; e2e/certbot.spec.ts runs it against a test authority',
  'sudo useradd ': 'changes the machine',
  'sudo npm ci': 'the tests themselves run on what it installs; e2e/container.spec.ts runs it',
  'sudo npm run build': 'the tests themselves run on what it builds',
  'sudo install -m 0640 -g enterprise-chat ': 'needs the user that is not made here',
  'sudo nginx -t': 'needs the real /etc; e2e/nginx.spec.ts runs it on the same files',
  'sudo rm -f /etc/nginx/sites-enabled/default': 'there is nothing to see',
}

let folder: string
let commands: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'enterprise-chat-guide-'))
  const guide = await readFile(join(root, 'docs/self-hosting.md'), 'utf8')
  commands = [...guide.matchAll(/```bash\n(.*?)```/gs)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter(Boolean)
  await cp(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true })
  await copyFile(join(root, '.env.example'), join(folder, '.env.example'))
  await mkdir(join(folder, 'etc/nginx/conf.d'), { recursive: true })
  await mkdir(join(folder, 'etc/systemd/system'), { recursive: true })
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/sudo'), '#!/bin/sh\nexec "$@"\n')
  await chmod(join(folder, 'bin/sudo'), 0o755)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const reasonFor = (command: string) =>
  Object.entries(NOT_RUN).find(([beginning]) => command.startsWith(beginning))?.[1]

test('every command of the guide that can be run is run', async () => {
  const left: string[] = []
  for (const command of commands) {
    const reason = reasonFor(command)
    if (reason) {
      left.push(`  ${command}\n    ${reason}`)
      continue
    }
    // The machine's folders are the test's own; nothing else of a command is changed.
    const here = command.replaceAll(/ \/(etc|var)\//g, ` ${folder}/$1/`)
    await run('/bin/sh', ['-ec', here], {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` },
    })
  }
  process.stdout.write(`Not run of docs/self-hosting.md:\n${[...new Set(left)].join('\n')}\n`)
  expect(left.length).toBeLessThan(commands.length)

  const site = await readFile(join(folder, 'etc/nginx/conf.d/enterprise-chat.conf'), 'utf8')
  expect(site).toContain('server_name chat.example.com;')
  expect(site).toContain('ssl_certificate /etc/nginx/tls/fullchain.pem;')
  expect(site).not.toContain('${')
  expect(await readFile(join(folder, 'etc/nginx/nginx.conf'), 'utf8')).toContain('worker_connections')
  const { stdout } = await run('openssl', [
    'x509',
    '-in',
    join(folder, 'etc/nginx/tls/fullchain.pem'),
    '-noout',
    '-subject',
  ])
  expect(stdout).toContain('chat.example.com')
})

test('the settings that the guide leads to are valid, and say what it promises', async () => {
  const { parseEnv } = await import('node:util')
  const settings = (text: string) =>
    parseSettings(parseEnv(text) as NodeJS.ProcessEnv, { port: 3000, root: '/' })
  const before = settings(await readFile(join(root, '.env.example'), 'utf8'))
  expect(before).toMatchObject({ trustedProxies: 0 })
  expect(before.supabaseUrl).toBeUndefined()
  const after = await readFile(join(folder, '.env'), 'utf8')
  expect(settings(after)).toMatchObject({ trustedProxies: 1, siteUrl: 'https://chat.example.com' })
  expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600)
  // What is only a proposal in the example is right, too.
  const proposed = (await readFile(join(root, '.env.example'), 'utf8')).replaceAll(/^# ([A-Z_]+=)/gm, '$1')
  expect(settings(proposed).smtp).toMatchObject({ host: 'mail.example.com' })
})

test('no command stands in the list of those not run that the guide does not have', () => {
  const unused = Object.keys(NOT_RUN).filter(
    (beginning) => !commands.some((each) => each.startsWith(beginning)),
  )
  expect(unused).toEqual([])
})

test('verbs, files and anchors that the guide names are there', async () => {
  const guide = await readFile(join(root, 'docs/self-hosting.md'), 'utf8')
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  for (const [, verb = ''] of guide.matchAll(/npm run ([\w-]+)/g)) expect(scripts, verb).toHaveProperty(verb)
  const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(
    ([, title = '']) => `#${title.toLowerCase().replaceAll(' ', '-')}`,
  )
  for (const [, target = ''] of guide.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    if (target.startsWith('#')) expect(anchors).toContain(target)
    else expect(existsSync(join(root, 'docs', target)), target).toBe(true)
  }
})

test('the secrets of a Supabase of one’s own are what its services expect, and are never written over', async () => {
  const text = await readFile(join(folder, 'deploy/supabase/.env'), 'utf8')
  expect((await stat(join(folder, 'deploy/supabase/.env'))).mode & 0o777).toBe(0o600)
  const secrets = Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  )
  const key = new TextEncoder().encode(secrets.JWT_SECRET)
  for (const [name, role] of [
    ['ANON_KEY', 'anon'],
    ['SERVICE_ROLE_KEY', 'service_role'],
  ] as const) {
    expect((await jwtVerify(secrets[name], key, { algorithms: ['HS256'] })).payload).toMatchObject({ role })
  }
  expect(secrets.REALTIME_ENC_KEY).toHaveLength(16)
  expect(secrets.SECRET_KEY_BASE).toHaveLength(64)
  const again = run(process.execPath, [
    join(folder, 'deploy/supabase/make-secrets.mjs'),
    'https://chat.example.com',
  ])
  await expect(again).rejects.toThrow('nothing was changed')
  expect(await readFile(join(folder, 'deploy/supabase/.env'), 'utf8')).toBe(text)
  // What the composition reads is what is written, or has a default.
  const compose = await readFile(join(root, 'deploy/supabase/compose.yaml'), 'utf8')
  for (const [, name = ''] of compose.matchAll(/\$\{(\w+)[}?]/g)) expect(secrets, name).toHaveProperty(name)
})

const noSystemd = !existsSync('/usr/bin/systemd-analyze')
if (noSystemd) console.info('No systemd-analyze: deploy/enterprise-chat.service is not verified.')

test.skipIf(noSystemd)('the unit is one that systemd takes', async () => {
  // It looks whether the program is there, and Node may be elsewhere on this machine.
  const unit = (await readFile(join(root, 'deploy/enterprise-chat.service'), 'utf8')).replace(
    '/usr/bin/node',
    process.execPath,
  )
  const file = join(folder, 'enterprise-chat.service')
  await writeFile(file, unit)
  const { stderr } = await run('systemd-analyze', ['verify', file])
  expect(stderr.split('\n').filter((line) => line.includes('enterprise-chat'))).toEqual([])
  await writeFile(
    file,
    unit.replace('Type=exec', 'Type=nonsense').replace('Restart=always', 'Restarts=always'),
  )
  const { stderr: complaint } = await run('systemd-analyze', ['verify', file]).catch((error) => error)
  expect(complaint).toContain('Restarts')
})
