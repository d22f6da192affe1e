import type { BroadcastDown } from './broadcast'
import type { Broken, Close } from './close'
import type { PostgresChanges } from './postgres-changes'
import type { PresenceDiff, PresenceState } from './presence'
import type { Reply } from './reply'
import type { System } from './system'

/** Everything the server sends as one JSON value. */
export type Down = Reply | Close | Broken | System | PresenceState | PresenceDiff

/** What many sockets receive at once; these are built as text, once for all of them. */
export type Shared = BroadcastDown | PostgresChanges
