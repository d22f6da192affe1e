import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from './api'

const root = fileURLToPath(new URL('..', import.meta.url))
const tool = process.env.CONTAINER_CHECK ?? `${root}../shared/tools/container-check`
const env = { ...process.env, STORAGE_DRIVER: 'vfs' }
const run = promisify(execFile)

/** Why no image can be built here; undefined where it can. */
export function whyNoContainers(): string | undefined {
  if (process.getuid?.() !== 0) return 'building an image needs root'
  if (!existsSync(tool)) return 'there is no container-check (CONTAINER_CHECK names its place)'
  return existsSync('/usr/bin/apt-get') ? undefined : 'container-check needs Debian'
}

/** Builds the Dockerfile of this folder, without a container engine: see the tool's own words on what that proves. */
export async function buildImage(tag: string): Promise<void> {
  const args = ['build', root, `${root}Dockerfile`, tag, '--format', 'docker']
  const child = spawn(tool, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(output.slice(-4000))
}

export async function removeImage(tag: string): Promise<void> {
  await run('buildah', ['rmi', `localhost/${tag}`], { env })
}

/** What an engine would read from the image: user, volumes, health check. */
export async function imageSettings(tag: string) {
  const { stdout } = await run('buildah', ['inspect', '--type', 'image', `localhost/${tag}`], {
    env,
    maxBuffer: 1 << 26,
  })
  return JSON.parse(stdout).Docker.config as {
    User: string
    Env: string[]
    Cmd: string[]
    StopSignal: string
    Volumes: Record<string, unknown>
    ExposedPorts: Record<string, unknown>
    Healthcheck: { Test: string[] }
  }
}

/** The image's files, in a folder. */
export async function mountImage(tag: string) {
  const name = (await run('buildah', ['from', `localhost/${tag}`], { env })).stdout.trim()
  const folder = (await run('buildah', ['mount', name], { env })).stdout.trim()
  return { folder, remove: () => run('buildah', ['rm', name], { env }) }
}

/** Starts a command that serves on this port, and waits until it is healthy. */
export async function serve(port: number, command: string, args: string[]) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const url = `http://127.0.0.1:${port}`
  await eventually('the container is healthy', async () => {
    if (child.exitCode !== null) throw new Error(output)
    return (await fetch(`${url}/api/health`).catch(() => undefined))?.ok
  })
  return { url, pid: child.pid as number, ended: once(child, 'exit'), output: () => output }
}

/** The image as `container-check run` starts it: with its own user and command, on the host's network. */
export const runImage = (tag: string, port: number) => serve(port, tool, ['run', tag, `PORT=${port}`])

// What `read_only: true` of compose.yaml does: nothing can be written but the volume and /tmp.
const READ_ONLY = `set -e
mount --bind "$1" "$1"
mount -t tmpfs tmpfs "$1/tmp"
mount --bind "$2" "$1/data"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -o remount,ro,bind "$1"
exec chroot --userspec=1001:1001 "$1" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin PORT="$3" DATA_DIR=/data NODE_ENV=production \\
  /bin/sh -c 'cd /app && { touch /var/tmp/probe 2>/dev/null && echo writable || echo read-only; } && exec node bin/start.mjs'`

/** The image's files as a root that cannot be written, in a mount namespace that ends with it. */
export const runReadOnly = (folder: string, data: string, port: number) =>
  serve(port, 'unshare', ['--mount', 'sh', '-c', READ_ONLY, 'sh', folder, data, String(port)])
