import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))
const alias = {
  '@': root.replace(/\/$/, ''),
  // Next.js brings its own; it keeps server modules out of what browsers get.
  'server-only': `${root}node_modules/next/dist/compiled/server-only/empty.js`,
}

// A busy machine is slow, not wrong: a limit is a net for what stands still, never a measurement.
const patient = {
  setupFiles: [`${root}vitest.setup.ts`],
  expect: { poll: { timeout: 10_000, interval: 20 } },
}

/** Four kinds of test, one home each (docs/architecture.md): `vitest --project NAME` runs one of them. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          ...patient,
          include: ['{app,features,ui,lib,backend,bin,bench}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.pg.test.ts', 'backend/conformance/**', '**/node_modules/**'],
          // Some start programs, npm among them.
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'database',
          ...patient,
          include: ['supabase/tests/**/*.test.ts', '**/*.pg.test.ts', 'backend/conformance/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
          // They wait for disks and clocks more than they compute: three of them keep two cores busy.
          maxWorkers: 3,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'e2e',
          ...patient,
          include: ['e2e/**/*.spec.ts'],
          globalSetup: ['e2e/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 3 },
          maxWorkers: 2,
        },
      },
    ],
  },
})
