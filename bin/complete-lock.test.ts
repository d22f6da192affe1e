import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingFrom, platformOf } from './complete-lock.mjs'

test('package-lock.json lists the packages of all platforms; otherwise: node bin/complete-lock.mjs', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
  expect(missingFrom(lock)).toEqual([])
})

test('finds what is missing, also where it would be nested', () => {
  const packages = {
    '': {},
    'node_modules/a': { optionalDependencies: { 'a-linux-x64': '1.0.0', 'a-darwin-x64': '1.0.0' } },
    'node_modules/a/node_modules/a-linux-x64': { version: '1.0.0' },
  }
  expect(missingFrom({ packages })).toEqual([
    { path: 'node_modules/a-darwin-x64', name: 'a-darwin-x64', version: '1.0.0' },
  ])
})

test.each([
  ['@node-rs/bcrypt-linux-arm-gnueabihf', { cpu: ['arm'], libc: ['glibc'], optional: true, os: ['linux'] }],
  ['@img/sharp-libvips-linuxmusl-x64', { cpu: ['x64'], libc: ['musl'], optional: true, os: ['linux'] }],
  ['@supabase/cli-windows-arm64', { cpu: ['arm64'], optional: true, os: ['win32'] }],
  ['@img/sharp-wasm32', { cpu: ['wasm32'], optional: true }],
  ['fsevents', undefined],
])('%s is for its platform', (name, platform) => {
  expect(platformOf(name)).toEqual(platform)
})
