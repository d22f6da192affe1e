import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from './api'
import { makeCertificates } from './certificates'

const run = promisify(execFile)
const deploy = fileURLToPath(new URL('../deploy/', import.meta.url))

/** Nginx's program, installed from the system's packages where that is allowed; undefined: this machine has none. */
export function findNginx(): string | undefined {
  const places = [
    '/usr/sbin/nginx',
    '/usr/local/sbin/nginx',
    '/usr/local/bin/nginx',
    '/opt/homebrew/bin/nginx',
  ]
  const find = () => places.find((place) => existsSync(place))
  if (find() || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return find()
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  try {
    execFileSync('apt-get', ['update'], options)
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'nginx-light'], options)
  } catch {
    // No network, or another package manager at work: the tests say that they are skipped.
  }
  return find()
}

type Places = { upstream: number; http: number; https: number }

/** Nginx with the files of deploy/, but for ports and folders: those are a test's own. */
export async function startNginx(program: string, { upstream, http, https }: Places) {
  const folder = await mkdtemp(join(tmpdir(), 'enterprise-chat-nginx-'))
  // As root the workers are another user, who must be able to pass through.
  await chmod(folder, 0o755)
  for (const name of ['conf.d', 'tls', 'www', 'temp']) await mkdir(join(folder, name), { mode: 0o777 })
  const certificates = await makeCertificates('localhost')
  await writeFile(join(folder, 'tls/fullchain.pem'), certificates.chain)
  await writeFile(join(folder, 'tls/privkey.pem'), certificates.key, { mode: 0o600 })

  const site = await readFile(join(deploy, 'nginx/enterprise-chat.conf.template'), 'utf8')
  const ipv6 = existsSync('/proc/net/if_inet6')
  await writeFile(
    join(folder, 'conf.d/site.conf'),
    replaceAll(site, {
      [`\${DOMAIN}`]: 'localhost',
      [`\${CERTIFICATES}`]: join(folder, 'tls'),
      '127.0.0.1:3000': `127.0.0.1:${upstream}`,
      '/var/www/letsencrypt': join(folder, 'www'),
      '  listen 80;': `  listen ${http};`,
      '  listen 443 ': `  listen ${https} `,
      '  listen [::]:80;': ipv6 ? `  listen [::]:${http};` : '',
      '  listen [::]:443 ssl http2;': ipv6 ? `  listen [::]:${https} ssl http2;` : '',
    }),
  )
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, 'temp', name)};`)
    .join(' ')
  const file = join(folder, 'nginx.conf')
  const main = await readFile(join(deploy, 'nginx.conf'), 'utf8')
  await writeFile(
    file,
    replaceAll(main, {
      '/run/nginx.pid': join(folder, 'nginx.pid'),
      '/var/log/nginx/': `${folder}/`,
      '/etc/nginx/conf.d/': `${folder}/conf.d/`,
      '  include /etc/nginx/sites-enabled/*;': '',
      'include /etc/nginx/modules-enabled/*.conf;': '',
      'http {': `http {\n  ${temporary}`,
    }),
  )
  const { stderr } = await run(program, ['-t', '-c', file])

  const child = spawn(program, ['-c', file, '-g', 'daemon off;'], { stdio: 'ignore' })
  await eventually('Nginx answers', () => answers(http))

  return {
    folder,
    url: `https://localhost:${https}`,
    plainUrl: `http://localhost:${http}`,
    ca: certificates.ca,
    /** What `nginx -t` said. */
    verdict: stderr,
    workers: () => workersOf(child),
    /** Resolves when workers with the new configuration serve; those before them end with their last connection. */
    async reload() {
      const before = new Set(await workersOf(child))
      await run(program, ['-c', file, '-s', 'reload'])
      await eventually('new workers', async () => (await workersOf(child)).some((pid) => !before.has(pid)))
    },
    log: () => readFile(join(folder, 'access.log'), 'utf8'),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every text has to be there: a test of other files than those in deploy/ would prove nothing. */
function replaceAll(text: string, replacements: Record<string, string>): string {
  return Object.entries(replacements).reduce((so, [from, to]) => {
    if (!so.includes(from)) throw new Error(`deploy/ no longer says "${from}"`)
    return so.replaceAll(from, to)
  }, text)
}

async function workersOf(master: ChildProcess): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(master.pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout.split('\n').filter(Boolean).map(Number)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ port, host: '127.0.0.1', method: 'HEAD' }, (response) => {
      response.resume()
      resolve(true)
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
