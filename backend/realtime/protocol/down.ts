import type { BroadcastDown } from './broadcast'
import type { Broken, Close } from './close'
import type { LegacyChange, PostgresChanges } from './postgres-changes'
import type { PresenceDiff, PresenceState } from './presence'
import type { Reply } from './reply'
import type { System } from './system'

/** Everything the server sends. */
export type Down =
  | Reply
  | Close
  | Broken
  | System
  | PresenceState
  | PresenceDiff
  | BroadcastDown
  | PostgresChanges
  | LegacyChange

/** A message without its payload, which many sockets share as text. */
export type Head = Omit<Down, 'payload'>
