import type { Settings } from '../../settings'

/** What a check found, in one sentence that says what to do when it is not ok. */
export type Finding = { level: 'ok' | 'warning' | 'error'; text: string }

/** Looks at one thing. What it throws counts as an error. */
export type Check = (settings: Settings) => Promise<Finding>

export const ok = (text: string): Finding => ({ level: 'ok', text })
export const warning = (text: string): Finding => ({ level: 'warning', text })
export const error = (text: string): Finding => ({ level: 'error', text })
