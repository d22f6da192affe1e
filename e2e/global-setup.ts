import type { TestProject } from 'vitest/node'
import { buildProduct, startProduct } from './product'

declare module 'vitest' {
  interface ProvidedContext {
    product: Pick<Awaited<ReturnType<typeof startProduct>>, 'url' | 'port' | 'secrets'>
  }
}

/** One product for all specs that do not break it; each spec brings its own people and workspaces. */
export default async function setup(project: TestProject) {
  await buildProduct()
  const product = await startProduct()
  project.provide('product', { url: product.url, port: product.port, secrets: product.secrets })
  return () => product.stop()
}
