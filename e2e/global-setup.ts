import type { TestProject } from 'vitest/node'
import { buildProduct, type Product, startProduct } from './product'

type Shared = Pick<Product, 'url' | 'port' | 'form' | 'projectUrl' | 'secrets'>

declare module 'vitest' {
  interface ProvidedContext {
    product: Shared
  }
}

/** One product for all specs that do not break it; each spec brings its own people and workspaces. */
export default async function setup(project: TestProject) {
  await buildProduct()
  const product = await startProduct()
  const { url, port, form, projectUrl, secrets } = product
  project.provide('product', { url, port, form, projectUrl, secrets })
  return () => product.stop()
}
