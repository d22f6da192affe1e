import { Fleet, type Load } from './fleet'
import type { MemberSpec, Target } from './member'
import type { Catchup } from './storm'

/** The fleet of this process. A process has files for about ten thousand sockets, so each fleet has one of its own. */
let fleet: Fleet | undefined

/** Opens sockets for these people besides those that are open; seconds. */
export async function growFleet({ target, specs }: { target: Target; specs: MemberSpec[] }): Promise<number> {
  fleet ??= new Fleet(target)
  return fleet.grow(specs)
}

export const fleetCarries = (load: Load) => opened().carry(load)

export const fleetCeiling = (options: { group: string; frameBytes: number; seconds: number }) =>
  opened().ceiling(options.group, options.frameBytes, options.seconds)

export const fleetWeathers = (catchup: Catchup) => opened().weather(catchup)

export const fleetFlaps = (load: { perSecond: number; seconds: number }) => opened().flap(load)

function opened(): Fleet {
  if (!fleet) throw new Error('the fleet has not been opened')
  return fleet
}
