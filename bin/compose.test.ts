import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DCLinter } from 'dclint'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('..', import.meta.url))
const FILES = ['compose.yaml', 'deploy/compose.nginx.yaml', 'deploy/supabase/compose.yaml']
/** The official schema of the Compose specification, and what would go wrong without breaking it. */
const HELD = [
  'invalid-schema',
  'invalid-yaml',
  'no-duplicate-container-names',
  'no-duplicate-exported-ports',
  'service-image-require-explicit-tag',
]

async function faults(file: string): Promise<string[]> {
  const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] })
  const [result] = await linter.lintFiles([file], false)
  return (result?.messages ?? [])
    .filter(({ rule, message }) => HELD.includes(rule) && !message.includes('"enterprise-chat"'))
    .map(({ rule, message }) => `${rule}: ${message}`)
}

const read = (name: string) => parse(readFileSync(join(root, name), 'utf8'), { logLevel: 'silent' })

test.each(FILES)('%s keeps to the Compose specification', async (name) => {
  expect(await faults(join(root, name))).toEqual([])
})

test('a file that does not keep to it is found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'enterprise-chat-compose-'))
  try {
    const file = join(folder, 'compose.yaml')
    writeFileSync(file, 'services:\n  one:\n    image: nginx\n    port: "80:80"\n')
    const found = await faults(file)
    expect(found.join()).toContain('invalid-schema')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('compose.yaml is what the deployment guide describes, and as closed as can be', () => {
  const { services } = read('compose.yaml')
  expect(Object.keys(services)).toEqual(['enterprise-chat'])
  const service = services['enterprise-chat']
  expect(service.build).toEqual({ context: '.', dockerfile: 'Dockerfile' })
  expect(service.ports).toEqual([`\${PUBLISH:-3000}:3000`])
  expect(service.environment).toContain(`NEXT_PUBLIC_SUPABASE_URL=\${NEXT_PUBLIC_SUPABASE_URL:-}`)
  expect(service.environment).toContain(`NEXT_PUBLIC_SUPABASE_ANON_KEY=\${NEXT_PUBLIC_SUPABASE_ANON_KEY:-}`)
  expect(service).toMatchObject({
    restart: 'always',
    volumes: ['data:/data'],
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  })
  expect(service.healthcheck.test.join(' ')).toContain('/api/health')
})

test('files that are mounted into containers are there', () => {
  for (const name of FILES) {
    for (const { volumes = [] } of Object.values<{ volumes?: string[] }>(read(name).services)) {
      for (const [path] of volumes
        .map((volume) => volume.split(':'))
        .filter(([from]) => from?.startsWith('./'))) {
        // The folder that compose.yaml is in, when files are given together; otherwise the file's own.
        const from = name === 'deploy/supabase/compose.yaml' ? join(root, 'deploy/supabase') : root
        expect(statSync(join(from, path as string)).isFile(), path).toBe(true)
      }
    }
  }
})

test("Nginx's container can run what it is given for its start", () => {
  expect(statSync(join(root, 'deploy/nginx/reload.sh')).mode & 0o111).toBe(0o111)
})
