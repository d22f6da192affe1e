import type { AccessToken } from './access-token'
import type { BroadcastUp } from './broadcast'
import type { Heartbeat } from './heartbeat'
import type { Join } from './join'
import type { Leave } from './leave'
import type { PresenceUp } from './presence'

/** Everything a client may send. */
export type Up = Heartbeat | Join | Leave | AccessToken | BroadcastUp | PresenceUp
