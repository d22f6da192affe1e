import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ec-project-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(program: string, args: string[], cwd = folder) {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
}

function write(name: string, text: string) {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

/** The project's way to install, in a project of one package without a registry, whose one line is `plain`. */
function makeProject() {
  cpSync(join(here, 'project.mjs'), join(folder, 'bin/lib/project.mjs'), { recursive: true })
  write('tiny/package.json', JSON.stringify({ name: 'tiny', version: '1.0.0', main: 'index.txt' }))
  write('tiny/index.txt', 'plain\n')
  run('npm', ['pack', '--silent'], join(folder, 'tiny'))
  const patchPackage = join(here, '../../node_modules/patch-package/index.js')
  const scripts = { postinstall: `node ${JSON.stringify(patchPackage)} --error-on-fail` }
  const dependencies = { tiny: 'file:tiny/tiny-1.0.0.tgz' }
  write('package.json', JSON.stringify({ name: 'project', scripts, dependencies }))
  run('npm', ['install', '--package-lock-only', '--ignore-scripts', '--offline', '--silent'])
}

const patchTo = (line: string) =>
  write(
    'patches/tiny+1.0.0.patch',
    `diff --git a/node_modules/tiny/index.txt b/node_modules/tiny/index.txt
index 1111111..2222222 100644
--- a/node_modules/tiny/index.txt
+++ b/node_modules/tiny/index.txt
@@ -1 +1 @@
-plain
+${line}
`,
  )

function installed() {
  run(process.execPath, ['-e', `import('./bin/lib/project.mjs').then((it) => it.ensureInstalled())`])
  return readFileSync(join(folder, 'node_modules/tiny/index.txt'), 'utf8').trim()
}

test('an update that changes a patch and no version reaches the installed package', () => {
  makeProject()
  patchTo('first')
  expect(installed()).toBe('first')
  expect(installed()).toBe('first')
  patchTo('second')
  expect(installed()).toBe('second')
  rmSync(join(folder, 'node_modules/.patches'))
  expect(installed()).toBe('second')
})
