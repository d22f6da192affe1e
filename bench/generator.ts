import { fleetCarries, fleetCeiling, fleetFlaps, fleetWeathers, growFleet } from './fleet/jobs'
import { barePostgres } from './jobs/bare-postgres'
import { deliveries, relayDeliveries } from './jobs/deliveries'
import { findable } from './jobs/findable'
import { idleSockets } from './jobs/idle-sockets'
import { joinStorm } from './jobs/join-storm'
import { bcryptBound, logins } from './jobs/logins'
import { restReads } from './jobs/rest-reads'
import { restSends } from './jobs/rest-sends'
import { sqlReads } from './jobs/sql-reads'
import { sqlSends } from './jobs/sql-sends'
import { uploads } from './jobs/uploads'

/** The load generator: a process of its own, so that its work is never counted as the server's. */
export const jobs = {
  barePostgres,
  deliveries,
  relayDeliveries,
  findable,
  idleSockets,
  joinStorm,
  bcryptBound,
  logins,
  restSends,
  restReads,
  sqlReads,
  sqlSends,
  uploads,
  growFleet,
  fleetCarries,
  fleetCeiling,
  fleetFlaps,
  fleetWeathers,
}

process.on('message', async ({ job, options }: { job: keyof typeof jobs; options: never }) => {
  try {
    process.send?.({ result: await jobs[job](options) })
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) })
  }
})

process.on('disconnect', () => process.exit())
