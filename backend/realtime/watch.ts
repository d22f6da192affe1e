import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from './channel'
import type { Watch } from './feed'
import type { Principal, Principals } from './principals'
import type { Sessions } from './sessions'

/** Several statements of a migration, or rows of an import, that concern everybody are one reason to ask again. */
const EVERYBODY_MS = 200

const ENDED = 'The session of this token has ended'

/** Carries what the stream says about rights and sign-ins to the channels it concerns. */
export function createWatch(principals: Principals<Channel>, sessions: Sessions): Watch {
  let everybody: Promise<void> | undefined

  const doubt = (of: Iterable<Principal>, ready?: Promise<void>) => {
    for (const principal of of) {
      for (const channel of principals.holders(principal)) void channel.doubt(ready)
    }
  }
  const end = (of: Iterable<Principal>) => {
    for (const principal of [...of]) {
      const channels = [...principals.holders(principal)]
      for (const channel of channels) channel.end(ENDED)
      for (const socket of new Set(channels.map((channel) => channel.socket)))
        socket.close(1008, 'session ended')
    }
  }

  return {
    principals: (sub) => principals.of(sub),
    ofSession: (id) => principals.ofSession(id),
    doubt(sub) {
      if (sub !== null) {
        doubt(principals.of(sub))
        return
      }
      everybody ??= sleep(EVERYBODY_MS).then(() => {
        everybody = undefined
      })
      doubt(principals.all(), everybody)
    },
    doubtSession(id) {
      for (const principal of principals.ofSession(id)) {
        sessions.forget(principal)
        for (const channel of principals.holders(principal)) void channel.doubt()
        void sessions.stands(principal).then(
          (stands) => stands || end([principal]),
          // Whoever cannot be asked about now comes again with another sign-in.
          () => end([principal]),
        )
      }
    },
    endSession: (id) => end(principals.ofSession(id)),
    endAllSessions: () => end([...principals.all()].filter(({ sessionId }) => sessionId !== null)),
    endPerson: (sub) => end(principals.of(sub)),
  }
}
