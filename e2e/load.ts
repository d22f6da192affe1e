import { v7 as uuidv7 } from 'uuid'
import { eventually } from './api'
import type { Member } from './crowd'

type Options = { url: string; key: string; members: Member[]; channelId: string; name: string }

/**
 * People who send without a pause, each as the product's outbox does: the same id again until the server has
 * answered, whatever happens in between. What was acknowledged is noted outside the product.
 */
export function startLoad({ url, key, members, channelId, name }: Options) {
  const acked = new Map<string, string>()
  const refused: string[] = []
  let stopping = false
  let giveUpAt = Number.POSITIVE_INFINITY

  const post = async (member: Member, id: string, body: string) => {
    const response = await fetch(`${url}/rest/v1/messages?on_conflict=id`, {
      method: 'POST',
      headers: {
        apikey: key,
        authorization: `Bearer ${member.token}`,
        'content-type': 'application/json',
        prefer: 'resolution=ignore-duplicates,return=representation',
      },
      body: JSON.stringify({ id, channel_id: channelId, body }),
      signal: AbortSignal.timeout(10_000),
    })
    return { status: response.status, text: await response.text() }
  }

  const person = async (member: Member, index: number) => {
    for (let count = 0; !stopping; count++) {
      const id = uuidv7()
      const body = `${name}: message ${count} of person ${index}`
      for (;;) {
        const answer = await post(member, id, body).catch(() => undefined)
        if (answer && answer.status < 300) {
          acked.set(id, body)
          break
        }
        if (answer && answer.status < 500 && answer.status !== 429) {
          refused.push(`${answer.status} ${answer.text}`)
          return
        }
        // Against a product that never comes back, a test must fail with its own words and not hang here.
        if (Date.now() > giveUpAt) return
        await new Promise((resolve) => setTimeout(resolve, 20))
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
