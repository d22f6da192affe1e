import { ensureOperations } from './build.mjs'
import { ensureInstalled, root } from './project.mjs'

/** Runs one of the verbs of whoever operates an installation: see backend/operations/main.ts. */
export async function runOperation(name) {
  ensureInstalled()
  const operations = await import(await ensureOperations())
  process.env.NODE_ENV = 'production'
  await operations.runOperation(name, root, process.argv.slice(2))
}
