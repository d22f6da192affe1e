import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findNginx, startNginx } from './nginx'
import { freePort, type Product, startProduct } from './product'
import { type Trusting, trust } from './trusting'

// Files go through Nginx as they come. Whoever is refused in the middle of one has to hear why: a connection that the product closes
// on bytes which are still on their way is an error of the product's to Nginx, and the answer is lost.

const program = findNginx()
const MEGABYTE = 1024 * 1024

const HOWS = ['object', 'form', 'part'] as const
type How = (typeof HOWS)[number]

let product: Product
let nginx: Awaited<ReturnType<typeof startNginx>>
let trusting: Trusting

describe.skipIf(!program)('behind Nginx', () => {
  beforeAll(async () => {
    const [http, https] = [await freePort(), await freePort()]
    const env = { SITE_URL: `https://localhost:${https}`, TRUSTED_PROXIES: '1' }
    product = await startProduct({ verb: 'backend', env })
    nginx = await startNginx(program as string, { upstream: product.port, http, https })
    trusting = await trust(nginx.ca)
  })

  afterAll(async () => {
    await nginx?.stop()
    await product?.stop()
  })

  test.each(HOWS)('a file that is too large (%s) is refused in words', async (how) => {
    await makeBucket(`small-${how}`, 2 * MEGABYTE)
    const answers = await pushSeveral(how, `small-${how}`)
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => (how === 'part' ? 413 : 400)))
    for (const { text } of answers) expect(text).toMatch(/maximum (allowed )?size/i)
  })

  test.runIf(process.getuid?.() === 0)(
    'a disk that is full is said with 507',
    async ({ skip, onTestFinished }) => {
      const folder = join(product.dataDir, 'storage')
      try {
        // What is kept for the database, and a little.
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=264m', 'tmpfs', folder])
      } catch {
        skip('no right to mount')
      }
      onTestFinished(() => void execFileSync('umount', ['-l', folder]))
      for (const name of ['objects', 'drafts', 'resumable', 'renders']) await mkdir(join(folder, name))
      await makeBucket('large')
      for (const how of HOWS) {
        const answers = await pushSeveral(how, 'large')
        expect([how, ...answers.map(({ status }) => status)]).toEqual([how, ...answers.map(() => 507)])
        for (const { text } of answers) expect(text).toContain('No space is left')
      }
    },
  )
})

async function makeBucket(name: string, fileSizeLimit?: number): Promise<void> {
  const admin = createClient(nginx.url, product.secrets.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: trusting.fetch },
    realtime: { transport: trusting.socket as never },
  })
  const options = { public: false, ...(fileSizeLimit ? { fileSizeLimit } : {}) }
  expect((await admin.storage.createBucket(name, options)).error).toBeNull()
}

/** Fast ones send for as long as nobody stops them, slow ones make a pause after each piece. */
async function pushSeveral(how: How, bucket: string): Promise<Answer[]> {
  const { secretKey } = product.secrets
  const headers = { apikey: secretKey, authorization: `Bearer ${secretKey}` }
  const answers: Answer[] = []
  for (let round = 0; round < 8; round += 1) {
    const url = await openUpload(how, bucket, `file-${how}-${round}`, headers)
    answers.push(await push(url, { how, headers, slow: round % 2 === 1 }))
  }
  return answers
}

type Answer = { status: number; text: string }
type Headers = Record<string, string>

/** Where bytes go that turn out to be too many. */
async function openUpload(how: How, bucket: string, name: string, headers: Headers): Promise<string> {
  if (how !== 'part') return `${nginx.url}/storage/v1/object/${bucket}/${name}`
  const encode = (text: string) => Buffer.from(text).toString('base64')
  const made = await trusting.fetch(`${nginx.url}/storage/v1/upload/resumable`, {
    method: 'POST',
    headers: {
      ...headers,
      ...{ 'tus-resumable': '1.0.0', 'upload-defer-length': '1' },
      'upload-metadata': `bucketName ${encode(bucket)},objectName ${encode(name)}`,
    },
  })
  expect(made.status).toBe(201)
  return made.headers.get('location') ?? ''
}

/** Sends a body that says no length, up to 100 MB of it, and reads the answer, which comes before its end. */
async function push(url: string, { how, headers, slow }: { how: How; headers: Headers; slow: boolean }) {
  const part = { 'tus-resumable': '1.0.0', 'upload-offset': '0' }
  const type = {
    object: 'application/octet-stream',
    form: 'multipart/form-data; boundary=line',
    part: 'application/offset+octet-stream',
  }[how]
  const asked = request(url, {
    ca: nginx.ca,
    method: how === 'part' ? 'PATCH' : 'POST',
    headers: { ...headers, ...(how === 'part' ? part : {}), 'content-type': type },
  })
  let answered = false
  const answer = new Promise<Answer>((resolve, reject) => {
    asked.once('response', async (response) => {
      answered = true
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode ?? 0, text })
    })
    asked.on('error', (error) => answered || reject(error))
  })
  answer.catch(() => {})
  if (how === 'form')
    asked.write('--line\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n')
  const piece = randomBytes(MEGABYTE)
  for (let sent = 0; sent < 100 && !answered && !asked.destroyed; sent += 1) {
    const ready = asked.write(piece)
    if (!ready) await Promise.race([once(asked, 'drain'), answer]).catch(() => {})
    if (slow) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const result = await answer
  asked.destroy()
  return result
}
