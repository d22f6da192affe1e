import { type ChildProcess, execFile, spawn } from 'node:child_process'
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
import { findPrograms } from './debian'

const run = promisify(execFile)
// The placeholders of the template.
const DOMAIN = `\${DOMAIN}`
const CERTIFICATES = `\${CERTIFICATES}`
const deploy = fileURLToPath(new URL('../deploy/', import.meta.url))

/** Nginx's program; undefined: this machine has none. */
export const findNginx = () => findPrograms(['nginx'], ['nginx-light'])?.nginx

type Places = { upstream: number; http: number; https: number; domain?: string }

/** Nginx in front of the product, with the files of deploy/, but for ports and folders: those are a test's own. */
export async function startNginx(program: string, { upstream, http, https, domain = 'localhost' }: Places) {
  const certificates = await makeCertificates(domain)
  const ipv6 = existsSync('/proc/net/if_inet6')
  const server = await runNginx(program, http, async (folder) => {
    for (const name of ['tls', 'www']) await mkdir(join(folder, name))
    await writeFile(join(folder, 'tls/fullchain.pem'), certificates.chain)
    await writeFile(join(folder, 'tls/privkey.pem'), certificates.key, { mode: 0o600 })
    const site = await readFile(join(deploy, 'nginx/enterprise-chat.conf.template'), 'utf8')
    return replaceAll(site, {
      [DOMAIN]: domain,
      [CERTIFICATES]: join(folder, 'tls'),
      '127.0.0.1:3000': `127.0.0.1:${upstream}`,
      '/var/www/letsencrypt': join(folder, 'www'),
      '  listen 80;': `  listen ${http};`,
      '  listen 443 ': `  listen ${https} `,
      '  listen [::]:80;': ipv6 ? `  listen [::]:${http};` : '',
      '  listen [::]:443 ssl http2;': ipv6 ? `  listen [::]:${https} ssl http2;` : '',
    })
  })
  return {
    ...server,
    url: `https://localhost:${https}`,
    plainUrl: `http://localhost:${http}`,
    ca: certificates.ca,
  }
}

/** Where each service of deploy/supabase listens instead of in a container. */
export type Services = Record<'auth' | 'rest' | 'realtime' | 'storage' | 'product', string>

/** Nginx as the gateway of deploy/supabase. */
export function startGateway(program: string, port: number, services: Services) {
  return runNginx(program, port, async () =>
    replaceAll(await readFile(join(deploy, 'supabase/gateway.conf'), 'utf8'), {
      'listen 8000;': `listen 127.0.0.1:${port};`,
      'http://auth:9999': services.auth,
      'http://rest:3000': services.rest,
      'http://realtime-dev.supabase-realtime:4000': services.realtime,
      'http://storage:5000': services.storage,
      'http://enterprise-chat:3000': services.product,
    }),
  )
}

/** Runs deploy/nginx.conf with a site; `port` is one that it listens on. */
async function runNginx(program: string, port: number, makeSite: (folder: string) => Promise<string>) {
  const folder = await mkdtemp(join(tmpdir(), 'enterprise-chat-nginx-'))
  // As root the workers are another user, who must be able to pass through.
  await chmod(folder, 0o755)
  for (const name of ['conf.d', 'temp']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'conf.d/site.conf'), await makeSite(folder))
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
  await eventually('Nginx answers', () => answers(port))

  return {
    folder,
    /** What `nginx -t` said. */
    verdict: stderr,
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
