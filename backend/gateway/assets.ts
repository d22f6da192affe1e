import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** The files of a build, by the path they are asked for. Nothing else can be reached through it. */
export type Assets = {
  has(path: string): boolean
  /** Answers GET and HEAD for a path that it has. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>
}

type Variant = { file: string; size: number }
type Asset = { type: string; plain: Variant; br?: Variant; gzip?: Variant }

/** `folder` appears under `prefix`. `name.br` and `name.gz` are `name` compressed when it was built. */
export type AssetFolder = { prefix: string; folder: string }

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/**
 * A script that runs as a thread of its own takes its rules from its own answer and not from the page. It computes, and
 * talks to nobody but the page. (The bundler calls modules of ours `.js`; `.mjs` are threads that are used as they come.)
 */
const THREAD_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'"

/** Reads which files there are. Their names change with their contents, so browsers may keep them for good. */
export async function openAssets({ prefix, folder }: AssetFolder): Promise<Assets> {
  const assets = await listAssets(folder)
  const find = (path: string) => (path.startsWith(prefix) ? assets.get(path.slice(prefix.length)) : undefined)
  return {
    has: (path) => find(path) !== undefined,
    async serve(request, response, path) {
      const asset = find(path)
      if (!asset) throw new Error(`no asset ${path}`)
      const [encoding, { file, size }] = choose(asset, String(request.headers['accept-encoding'] ?? ''))
      response.writeHead(200, {
        'content-type': asset.type,
        'content-length': size,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        ...(path.endsWith('.mjs') ? { 'content-security-policy': THREAD_POLICY } : {}),
        ...(encoding ? { 'content-encoding': encoding } : {}),
      })
      if (request.method === 'HEAD') response.end()
      // The browser went away, or the file did: either way nobody can be told any more.
      else await pipeline(createReadStream(file), response).catch(() => response.destroy())
    },
  }
}

async function listAssets(folder: string): Promise<Map<string, Asset>> {
  const names = await readdir(folder, { recursive: true })
  const variants = new Map<string, Variant>()
  for (const name of names) {
    const file = join(folder, name)
    const found = await stat(file)
    if (found.isFile()) variants.set(name.split(sep).join('/'), { file, size: found.size })
  }
  const assets = new Map<string, Asset>()
  for (const [name, plain] of variants) {
    const type = TYPES[extname(name)]
    if (!type) continue
    assets.set(name, { type, plain, br: variants.get(`${name}.br`), gzip: variants.get(`${name}.gz`) })
  }
  return assets
}

function choose({ plain, br, gzip }: Asset, accepted: string): [encoding: string | null, variant: Variant] {
  const accepts = (name: string) =>
    new RegExp(`(^|,)\\s*${name}\\s*(?!;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)
  if (br && accepts('br')) return ['br', br]
  if (gzip && accepts('gzip')) return ['gzip', gzip]
  return [null, plain]
}
