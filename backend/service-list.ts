import { createAuth } from './auth/service'
import { createBackups } from './backup/service'
import { createRealtime } from './realtime/service'
import { createRest } from './rest/service'
import { createScheduled } from './scheduled'
import type { ServiceFactory } from './services'
import { createStorage } from './storage/service'

/** The services of the embedded backend in the order in which they start. */
export const serviceList: ServiceFactory[] = [
  createAuth,
  createRest,
  createRealtime,
  createStorage,
  createBackups,
  createScheduled,
]
