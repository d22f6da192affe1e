import { vi } from 'vitest'

/** A busy machine is slow, not wrong: what is waited for may take longer than the second that `vi.waitFor` allows. */
const PATIENCE_MS = 10_000
const waitFor = vi.waitFor

vi.waitFor = (check, options) =>
  waitFor(check, { timeout: PATIENCE_MS, ...(typeof options === 'number' ? { timeout: options } : options) })
