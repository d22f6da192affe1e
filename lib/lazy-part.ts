import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { isMissingCode, leaveStaleBuild } from './stale-build'

type Load<Part> = () => Promise<{ default: Part }>

const AGAIN_MS = 3_000
const parts = new Set<() => Promise<unknown>>()

/**
 * A component whose code is loaded when it is first drawn, or before by `loadParts`. Without a network it waits for one;
 * a page that is older than the build the server has begins anew.
 */
export function lazyPart<Props>(load: Load<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  parts.add(load)
  return lazy(() => loadPatiently(load))
}

/** Loads every part there is, one after the other, so that a later moment without a server finds them here. */
export async function loadParts(): Promise<void> {
  for (const load of parts) await load().catch(() => {})
}

async function loadPatiently<Part>(load: Load<Part>): Promise<{ default: Part }> {
  for (;;) {
    try {
      return await load()
    } catch (error) {
      if (!isMissingCode(error) || (await leaveStaleBuild())) throw error
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}
