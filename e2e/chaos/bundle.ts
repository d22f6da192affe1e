import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** The product's client code as one script, as a browser would get it. */
export async function bundlePage(): Promise<Script> {
  const { outputFiles } = await build({
    entryPoints: [`${root}/e2e/chaos/page.ts`],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'page',
    platform: 'browser',
    target: 'es2023',
    alias: { '@': root },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  })
  return new Script(outputFiles[0]?.text ?? '', { filename: 'page.js' })
}
