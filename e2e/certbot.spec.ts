import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './api'
import { makeCertificates } from './certificates'
import { findPrograms } from './debian'
import { findNginx, startNginx } from './nginx'
import { freePort } from './product'

// The last step of docs/self-hosting.md, with the real certbot and the test server of Let's Encrypt's own makers.
const nginxProgram = findNginx()
const programs = findPrograms(
  ['certbot', 'pebble', 'pebble-challtestsrv'],
  ['certbot', 'python3-certbot-nginx', 'pebble'],
)
if (!programs)
  console.log('No certbot and pebble: step 6 of docs/self-hosting.md is not tested. Install them.')
const DOMAIN = 'chat.example.com'

const children: ChildProcess[] = []
let folder: string
let directory: string
let ports: { http: number; https: number }
let nginx: Awaited<ReturnType<typeof startNginx>>

function run(program: string, args: string[], env = {}) {
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...env } })
  children.push(child)
}

/** certbot with files of its own, trusting the test's authority; the machine's are left alone. */
function certbot(...args: string[]) {
  const own = ['--config-dir', 'etc', '--work-dir', 'lib', '--logs-dir', 'log', '--non-interactive']
  return promisify(execFile)(programs?.certbot as string, [...args, ...own], {
    cwd: folder,
    env: { ...process.env, REQUESTS_CA_BUNDLE: join(folder, 'authority.pem') },
  })
}

async function servedCertificate(): Promise<X509Certificate> {
  const socket = connect({ port: ports.https, servername: DOMAIN, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { raw } = socket.getPeerCertificate()
  socket.destroy()
  return new X509Certificate(raw)
}

describe.skipIf(!nginxProgram || !programs)('certbot', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'enterprise-chat-certbot-'))
    ports = { http: await freePort(), https: await freePort() }
    nginx = await startNginx(nginxProgram as string, { upstream: 9, domain: DOMAIN, ...ports })
    const [acme, management, dns, control] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ]
    const { ca, chain, key } = await makeCertificates('localhost')
    await writeFile(join(folder, 'authority.pem'), ca)
    await writeFile(join(folder, 'acme.pem'), chain)
    await writeFile(join(folder, 'acme-key.pem'), key)
    const pebble = {
      listenAddress: `127.0.0.1:${acme}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: join(folder, 'acme.pem'),
      privateKey: join(folder, 'acme-key.pem'),
      httpPort: ports.http,
      tlsPort: ports.https,
    }
    await writeFile(join(folder, 'pebble.json'), JSON.stringify({ pebble }))
    // Every name leads to this machine.
    const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', '']
    run(programs?.['pebble-challtestsrv'] as string, [
      ...['-defaultIPv4', '127.0.0.1', '-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${control}`],
      ...off,
    ])
    run(
      programs?.pebble as string,
      ['-config', join(folder, 'pebble.json'), '-dnsserver', `127.0.0.1:${dns}`],
      { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' },
    )
    directory = `https://localhost:${acme}/dir`
    await eventually('the authority answers', async () => {
      const socket = connect({ port: acme, host: '127.0.0.1', ca, servername: 'localhost' })
      socket.on('error', () => {})
      const answered = await once(socket, 'secureConnect').catch(() => undefined)
      socket.destroy()
      return answered
    })
  })

  afterAll(async () => {
    for (const child of children) child.kill('SIGTERM')
    await nginx?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('puts its certificate into the site, and changes nothing else of it', async () => {
    expect((await servedCertificate()).issuer).toContain('Authority of a test')
    const file = join(nginx.folder, 'conf.d/site.conf')
    const before = (await readFile(file, 'utf8')).split('\n')
    await certbot(
      ...['--nginx', '--no-redirect', '-d', DOMAIN, '--nginx-server-root', nginx.folder],
      ...['--nginx-ctl', nginxProgram as string, '--server', directory],
      ...['--http-01-port', String(ports.http), '--https-port', String(ports.https)],
      ...['--agree-tos', '--email', 'admin@example.com', '--no-eff-email'],
    )
    await eventually('the new one is served', async () =>
      (await servedCertificate()).issuer.includes('Pebble'),
    )
    expect((await servedCertificate()).subjectAltName).toBe(`DNS:${DOMAIN}`)
    const after = (await readFile(file, 'utf8')).split('\n')
    const changed = after.filter((line) => line.trim() && !before.includes(line))
    expect(changed.map((line) => line.trim().split(' ')[0])).toEqual([
      'ssl_certificate',
      'ssl_certificate_key',
    ])
  })

  test('renews through the folder that the site keeps for it, as the container of compose.nginx.yaml does', async () => {
    const before = await servedCertificate()
    await certbot(
      ...['renew', '--force-renewal', '--no-random-sleep-on-renew', '--server', directory],
      ...['--webroot', '--webroot-path', join(nginx.folder, 'www')],
    )
    await nginx.reload()
    await eventually('the renewed one is served', async () => {
      const { serialNumber } = await servedCertificate()
      return serialNumber !== before.serialNumber
    })
  })
})
