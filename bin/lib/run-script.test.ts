import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'ec-run-script-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A starter like those in bin/, of a program that says who it is; npm's variables would make it end with this test's parent. */
function start(program: string, args: string[] = []) {
  const script = join(folder, 'program.ts')
  writeFileSync(script, program)
  const starter = join(folder, 'starter.mjs')
  const runner = fileURLToPath(new URL('run-script.mjs', import.meta.url))
  writeFileSync(
    starter,
    `import { runScript } from ${JSON.stringify(runner)}\nawait runScript(${JSON.stringify(script)})\n`,
  )
  const { npm_lifecycle_event: _, ...env } = process.env
  const child = spawn(process.execPath, [starter, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    line: async () => (await lines.next()).value,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: once(child, 'close'),
  }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('%s ends the program as well', async (signal, code) => {
  const starter = start('console.log(process.pid)\nsetInterval(() => {}, 1_000)')
  const pid = Number(await starter.line())
  expect(isAlive(pid)).toBe(true)
  starter.kill(signal)
  expect(await starter.ended).toEqual([code, null])
  expect(isAlive(pid)).toBe(false)
})

test('a program that still has something to do when it is told to end is waited for', async () => {
  const starter = start(
    "process.once('SIGTERM', () => { console.log('done'); process.exit(3) })\nconsole.log('here')\nsetInterval(() => {}, 1_000)",
  )
  expect(await starter.line()).toBe('here')
  starter.kill('SIGTERM')
  expect(await starter.line()).toBe('done')
  expect(await starter.ended).toEqual([3, null])
})

test('it gets the arguments and its exit code is passed on', async () => {
  const starter = start(
    'console.log(process.argv.slice(2).join(" ")); process.exitCode = Number(process.argv[3])',
    ['--trials', '7'],
  )
  expect(await starter.line()).toBe('--trials 7')
  expect(await starter.ended).toEqual([7, null])
})
