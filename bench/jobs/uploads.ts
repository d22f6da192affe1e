import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { millisecondsSince, now } from '../open-loop'

/** Uploads by so many at once, each the next file as soon as it has its answer. Returns megabytes a second together. */
export async function uploads(options: {
  /** Where files go; a random name is appended. */
  url: string
  headers: Record<string, string>
  parallel: number
  bytes: number
  seconds: number
}): Promise<number> {
  const { url, headers, parallel, bytes, seconds } = options
  const agent = new Agent({ keepAlive: true, maxSockets: parallel })
  const body = Buffer.alloc(bytes, 'a file of a bench ')
  const started = now()
  const end = started + BigInt(Math.round(seconds * 1e9))
  let done = 0
  const upload = () =>
    new Promise<void>((resolve, reject) => {
      const sending = request(`${url}/${randomUUID()}`, {
        ...{ agent, method: 'POST' },
        headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': bytes },
      })
      sending.once('error', reject)
      sending.once('response', (answer) => {
        answer.resume()
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve()
          else reject(new Error(`an upload was answered ${answer.statusCode}`))
        })
      })
      sending.end(body)
    })
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (now() < end) {
        await upload()
        done += bytes
      }
    }),
  )
  agent.destroy()
  return done / 1e6 / (millisecondsSince(started) / 1000)
}
