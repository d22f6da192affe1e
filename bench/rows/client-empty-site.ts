import { execFile, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../../e2e/product'

const root = fileURLToPath(new URL('../..', import.meta.url))
const next = join(root, 'node_modules/next/dist/bin/next')

const FILES: Record<string, string> = {
  'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(root)} }, poweredByHeader: false }`,
  'app/layout.jsx':
    'export default ({ children }) => <html lang="en"><head><link rel="icon" href="data:," /></head><body>{children}</body></html>',
  // Drawn by the browser, as a channel is: what the server could write says nothing about what React costs.
  'app/page.jsx': `'use client'
import { useEffect, useState } from 'react'
export default function Page() {
  const [text, setText] = useState('')
  useEffect(() => setText('Nothing'), [])
  return <p>{text}</p>
}`,
  'package.json': '{ "private": true, "type": "module" }',
}

export type EmptySite = Awaited<ReturnType<typeof startEmptySite>>

/** The physical line of a page: React and Next.js of the versions we use, and one word. */
export async function startEmptySite() {
  const folder = join(root, '.build/empty-site')
  await mkdir(join(folder, 'app'), { recursive: true })
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text)
  const { NODE_ENV: _, ...inherited } = process.env
  const env = { ...inherited, NEXT_TELEMETRY_DISABLED: '1' } as never
  await promisify(execFile)(process.execPath, [next, 'build', folder], { cwd: folder, env })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const server = spawn(
    process.execPath,
    [next, 'start', folder, '--hostname', '127.0.0.1', '--port', `${port}`],
    {
      cwd: folder,
      env,
      stdio: 'ignore',
    },
  )
  const ended = new Promise((resolve) => server.once('exit', resolve))
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (server.exitCode !== null) throw new Error(`the empty site ended with ${server.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    async stop() {
      server.kill('SIGTERM')
      await ended
    },
  }
}
