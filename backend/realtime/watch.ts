import type { Channel } from './channel'
import type { Watch } from './feed'
import type { Principal, Principals } from './principals'

/** Several statements of a migration, or rows of an import, that concern everybody are one reason to ask again. */
const EVERYBODY_MS = 200

/** Carries what the stream says about rights and sign-ins to the channels it concerns. */
export function createWatch(principals: Principals<Channel>): Watch {
  let everybody: NodeJS.Timeout | undefined

  const doubtAll = (of: Iterable<Principal>) => {
    for (const principal of of) for (const channel of principals.holders(principal)) void channel.doubt()
  }
  const end = (of: Iterable<Principal>) => {
    for (const principal of [...of]) {
      const channels = [...principals.holders(principal)]
      for (const channel of channels) channel.end('The session of this token has ended')
      for (const socket of new Set(channels.map((channel) => channel.socket)))
        socket.close(1008, 'session ended')
    }
  }
  const withSession = (test: (id: string) => boolean) =>
    [...principals.all()].filter(({ sessionId }) => sessionId !== null && test(sessionId.toLowerCase()))

  return {
    principals: (sub) => principals.of(sub),
    doubt(sub) {
      if (sub !== null) doubtAll(principals.of(sub))
      else if (!everybody) {
        everybody = setTimeout(() => {
          everybody = undefined
          doubtAll(principals.all())
        }, EVERYBODY_MS)
      }
    },
    endSession: (id) => end(withSession((each) => each === id)),
    endAllSessions: () => end(withSession(() => true)),
    endPerson: (sub) => end(principals.of(sub)),
  }
}
