import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, inProject, run, runPackage } from './lib/project.mjs'

const total = { passed: 0, failed: 0, skipped: 0 }

process.once('exit', summary)
ensureInstalled({ development: true })
const chromium = findChromium() ?? installChromium()

await check('lint', () => runPackage('@biomejs/biome/bin/biome', ['check', '.']))
await check('types', () => runPackage('typescript/bin/tsc', ['--noEmit']))
await check('unused code', () => runPackage('knip/bin/knip.js', []))
await check('build', () => run(process.execPath, [inProject('bin/build.mjs')]))
await runTests()
process.exitCode = total.failed > 0 ? 1 : 0

/** The last line, also when an earlier step ended everything. */
function summary(code) {
  if (code !== 0 && total.failed === 0) total.failed = 1
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
}

async function check(name, work) {
  console.log(`\n— ${name}`)
  const passed = await work()
  total[passed ? 'passed' : 'failed'] += 1
  console.log(passed ? 'ok' : `FAILED: ${name}`)
}

async function runTests() {
  console.log('\n— tests')
  const folder = mkdtempSync(join(tmpdir(), 'ec-report-'))
  const report = join(folder, 'report.json')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  if (!chromium) {
    args.push('--project=unit', '--project=database')
    const journeys = existsSync(inProject('e2e')) ? readdirSync(inProject('e2e')) : []
    const count = journeys.filter((name) => name.endsWith('.spec.ts')).length
    total.skipped += count
    console.log(`No Chromium: ${count} files of e2e are skipped. Install it, or set CHROMIUM_PATH.`)
  }
  const passed = await runPackage('vitest/vitest.mjs', args, { env: { CHROMIUM_PATH: chromium } })
  if (existsSync(report)) {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    total.passed += result.numPassedTests
    total.failed += result.numFailedTests
    total.skipped += result.numPendingTests + result.numTodoTests
    // A file that cannot even be loaded, or an error outside of any test, fails no test of its own.
    if (!passed && result.numFailedTests === 0) total.failed += Math.max(1, result.numFailedTestSuites)
  } else total.failed += 1
  rmSync(folder, { recursive: true, force: true })
}

function findChromium() {
  const places = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ]
  return places.find((place) => place && existsSync(place))
}

function installChromium() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  console.log('Installing Chromium for the journeys…')
  const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  spawnSync('apt-get', ['update'], quiet)
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], quiet)
  return findChromium()
}
