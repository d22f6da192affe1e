import { type Member, makeCrowd, makeWorkspace } from '../e2e/crowd'
import type { Product } from '../e2e/product'

export type Crowd = { people: Member[]; channels: string[]; shared: string }

/** People in one workspace: a channel they all share, and one channel for each of the first 32. */
export async function makeCrowdIn(product: Pick<Product, 'secrets' | 'url'>, size: number): Promise<Crowd> {
  const people = await makeCrowd(product, size)
  const own = people.slice(0, 32).map((person, index) => ({
    name: `own-${index}`,
    kind: 'public' as const,
    members: [person],
  }))
  const { channelIds } = await makeWorkspace(product, people, [{ name: 'shared', kind: 'public' }, ...own])
  const [shared, ...channels] = channelIds
  return { people, channels, shared: shared as string }
}
