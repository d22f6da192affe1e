import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { whenIdle } from './idle'
import { isMissingCode, leaveStaleBuild } from './stale-build'

type Load<Part> = () => Promise<{ default: Part }>

const AGAIN_MS = 3_000
/** A page that is never idle gets its parts all the same. */
const IDLE_MS = 2_000
const parts = new Set<() => Promise<unknown>>()

/**
 * A component whose code is loaded when it is first drawn, or before by `loadParts`. Without a network it waits for one;
 * a page that is older than the build the server has begins anew.
 */
export function lazyPart<Props>(load: Load<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  parts.add(load)
  return lazy(() => loadPatiently(load))
}

/**
 * Loads every part there is, one after the other while the page has nothing else to do, so that a later moment without a
 * server finds them here.
 */
export async function loadParts(): Promise<void> {
  for (const load of parts) {
    await new Promise<void>((resolve) => whenIdle(resolve, IDLE_MS))
    await load().catch(() => {})
  }
}

/** Loads code that the page cannot do without; see `lazyPart`. */
export async function loadPatiently<Code>(load: () => Promise<Code>): Promise<Code> {
  for (;;) {
    try {
      return await load()
    } catch (error) {
      if (!isMissingCode(error) || (await leaveStaleBuild())) throw error
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}
