import { v7 as uuidv7 } from 'uuid'
import { openConnection } from '../bench/http-connection'
import { eventually } from './api'
import type { Member } from './crowd'

type Options = {
  url: string
  key: string
  members: Member[]
  channelId: string
  name: string
  /** Hears of every acknowledgement before the sender goes on. */
  onAck?: (id: string, body: string) => void
  /** Hears of every attempt that got no acknowledgement. */
  onMiss?: () => void
}

/** An answer that takes longer is given up; the next attempt says the same id. */
const TIMEOUT_MS = 10_000
const FIRST_RETRY_MS = 20
const LONGEST_RETRY_MS = 320

/**
 * People who send without a pause, each as the product's outbox does: the same id again until the server has
 * answered, whatever happens in between. What was acknowledged is noted outside the product.
 */
export function startLoad({ url, key, members, channelId, name, onAck, onMiss }: Options) {
  const acked = new Map<string, string>()
  const refused: string[] = []
  let stopping = false
  let giveUpAt = Number.POSITIVE_INFINITY

  /** A sender's line; it is opened again by the next attempt after one that failed. */
  function openLine(member: Member) {
    const headers = {
      apikey: key,
      authorization: `Bearer ${member.token}`,
      prefer: 'resolution=ignore-duplicates,return=representation',
    }
    let line: Awaited<ReturnType<typeof openConnection>> | undefined
    const close = () => {
      line?.close()
      line = undefined
    }
    const post = async (body: string) => {
      const limit = setTimeout(close, TIMEOUT_MS)
      try {
        line ??= await openConnection(url, headers)
        return await line.send('/rest/v1/messages?on_conflict=id', body)
      } catch {
        close()
        return undefined
      } finally {
        clearTimeout(limit)
      }
    }
    return { post, close }
  }

  const person = async (member: Member, index: number) => {
    const line = openLine(member)
    await sendAll(line.post, index)
    line.close()
  }

  const sendAll = async (post: ReturnType<typeof openLine>['post'], index: number) => {
    for (let count = 0; !stopping; count++) {
      const id = uuidv7()
      const body = `${name}: message ${count} of person ${index}`
      for (let wait = FIRST_RETRY_MS; ; wait = Math.min(LONGEST_RETRY_MS, wait * 2)) {
        const answer = await post(JSON.stringify({ id, channel_id: channelId, body }))
        if (answer && answer.status < 300) {
          acked.set(id, body)
          onAck?.(id, body)
          break
        }
        if (answer && answer.status < 500 && answer.status !== 429) {
          refused.push(`${answer.status} ${answer.body}`)
          return
        }
        onMiss?.()
        // Against a product that never comes back, a test must fail with its own words and not hang here.
        if (Date.now() > giveUpAt) return
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
  }
  const people = members.map(person)

  return {
    acked,
    refused,
    /** Waits until so many more messages were acknowledged. */
    async more(count: number) {
      const goal = acked.size + count
      await eventually(`${count} more acknowledged messages`, () => {
        if (refused.length > 0) throw new Error(`a send was refused: ${refused[0]}`)
        return acked.size >= goal
      })
    },
    /** Every message under way is brought to its end. */
    async stop() {
      stopping = true
      giveUpAt = Date.now() + 20_000
      await Promise.all(people)
    },
  }
}
