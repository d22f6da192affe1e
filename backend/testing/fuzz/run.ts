import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as httpRequest,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Caller } from '../../caller'
import { createLogger } from '../../log'
import { watchCatalogue } from '../../rest/catalogue-watch'
import { createExecutor, type Executor } from '../../rest/executor'
import { createHandler } from '../../rest/handler'
import { type Answer, createListener, type Incoming } from '../../rest/http'
import { startTestDatabase } from '../server'
import { type FuzzCase, generateCase } from './generate'
import { createSqlCheck } from './sql-check'
import { vocabularyOf } from './vocabulary'

export type FuzzOptions = {
  migrationsDir: string
  seed: number
  /** Number of the first case. */
  from: number
  cases: number
  /** Functions that fail or wait because they are told to: not what is looked for. */
  without?: string[]
  log?(line: string): void
}

export type FuzzReport = {
  statuses: Record<string, number>
  /** How often each error code was answered: what the run got to see. */
  codes: Record<string, number>
  failures: { index: number; why: string; case: FuzzCase }[]
  statements: number
  texts: number
  seconds: number
  /** Heap after a collection, in megabytes, when the first tenth was done and at the end. */
  heap: [number, number]
}

const SIDE_BY_SIDE = 12
/** Every so many-th case goes through a socket and Node's own parser. */
const OVER_HTTP = 20

const CALLERS: Record<FuzzCase['persona'], Caller> = {
  anon: { role: 'anon', claims: { role: 'anon', exp: 9_999_999_999 }, token: null },
  person: {
    role: 'authenticated',
    claims: { sub: '00000000-0000-4000-8000-000000000001', role: 'authenticated', exp: 9_999_999_999 },
    token: 'x',
  },
  service_role: { role: 'service_role', claims: { role: 'service_role', exp: 9_999_999_999 }, token: null },
}

/** Sends requests that were made up to a REST service over a database of its own, and looks at what becomes of them. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const database = await startTestDatabase({ migrationsDir: options.migrationsDir })
  for (const name of options.without ?? []) await database.admin.unsafe(`drop function public.${name}`)
  const url = database.url('authenticator')
  const watch = watchCatalogue({ url, schemas: ['public'], onError: () => {} })
  await watch.start()
  const real = createExecutor({
    ...{ url, readers: 4, writers: 4, maxWaiting: 1000, waitMilliseconds: 60_000 },
    onIdleError: () => {},
  })
  const check = createSqlCheck(watch.current())
  const texts = new Map<string, string | null>()
  let statements = 0
  const executor: Executor = {
    stop: () => real.stop(),
    async run(job) {
      for (const { text } of job.steps) {
        statements++
        if (!texts.has(text)) {
          if (texts.size > 200_000) texts.clear()
          texts.set(text, check(text))
        }
        const found = texts.get(text)
        if (found) throw new Error(`SQL that nobody allowed: ${found}\n${text}`)
      }
      return real.run(job)
    },
  }
  const handle = createHandler({
    catalogue: watch,
    executor,
    resolveCaller: async ({ headers }) =>
      CALLERS[(headers.get('x-persona') ?? 'anon') as FuzzCase['persona']],
    options: { schemas: ['public'], maxRows: 1000, aggregates: true, explain: true },
  })
  const crashes: unknown[] = []
  const onCrash = (error: unknown) => void crashes.push(error)
  process.on('uncaughtException', onCrash).on('unhandledRejection', onCrash)
  const log = createLogger('silent')
  const server = createServer(createListener(handle, { bodyLimit: 1 << 20, log })).listen(0, '127.0.0.1')
  // On a busy machine the server would end a connection in the moment in which the client uses it again.
  server.keepAliveTimeout = 0
  await once(server, 'listening')
  const agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE })

  const words = vocabularyOf(watch.current())
  const report: FuzzReport = {
    statuses: {},
    codes: {},
    failures: [],
    statements: 0,
    texts: 0,
    seconds: 0,
    heap: [0, 0],
  }
  const started = performance.now()
  let next = options.from
  const end = options.from + options.cases
  async function work(): Promise<void> {
    for (let index = next++; index < end; index = next++) {
      if (index === options.from + Math.floor(options.cases / 10)) report.heap[0] = heap()
      const one = generateCase(words, options.seed, index)
      try {
        const overHttp = index % OVER_HTTP === 0
        const answer = overHttp
          ? await throughHttp(server.address() as AddressInfo, agent, one)
          : await handle(incoming(one))
        const why = wrong(one, answer) ?? (crashes.length > 0 ? `a crash: ${crashes.pop()}` : null)
        const key = `${one.persona} ${answer.status}`
        report.statuses[key] = (report.statuses[key] ?? 0) + 1
        const code = answer.status >= 400 && one.method !== 'HEAD' ? codeOf(answer) : ''
        if (code) report.codes[code] = (report.codes[code] ?? 0) + 1
        if (why) report.failures.push({ index, why, case: one })
      } catch (error) {
        report.failures.push({ index, why: String(error), case: one })
      }
      if (report.failures.length >= 50) next = end
      if ((index - options.from) % 50_000 === 49_999) options.log?.(`${index + 1 - options.from} cases`)
    }
  }
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
    report.statements = statements
    report.texts = texts.size
    texts.clear()
    report.heap[1] = heap()
  } finally {
    report.seconds = (performance.now() - started) / 1000
    process.off('uncaughtException', onCrash).off('unhandledRejection', onCrash)
    agent.destroy()
    server.close()
    await Promise.all([watch.stop(), real.stop()])
    await database.stop()
  }
  return report
}

function incoming({ persona, method, url, headers, body }: FuzzCase): Incoming {
  return { method, url, headers: { ...headers, 'x-persona': persona }, body: async () => Buffer.from(body) }
}

type Seen = Pick<Answer, 'status' | 'headers' | 'body'>

function throughHttp({ port }: AddressInfo, agent: Agent, one: FuzzCase): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const { method, url: path, headers, body } = one
    const bodiless = method === 'GET' || method === 'HEAD'
    // What Node's client would not send cannot come from a client like it.
    const known = method === 'BREW' ? 'PATCH' : method
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port,
        agent,
        method: known,
        path,
        headers: { ...headers, 'x-persona': one.persona },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            body: String(Buffer.concat(chunks)),
          }),
        )
      },
    )
    sent.on('error', reject).end(bodiless ? undefined : body)
  })
}

/** Why an answer is not one that a client can be given; null when it is. */
function wrong({ method }: FuzzCase, { status, headers, body }: Seen): string | null {
  if (!Number.isInteger(status) || status < 200 || status > 499)
    return `status ${status}: ${String(body).slice(0, 300)}`
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  }
  if (body === null || body === '' || method === 'HEAD') return null
  if (!headers['content-type']) return 'a body without a type'
  if (/json;/.test(headers['content-type'])) JSON.parse(String(body))
  if (status >= 400) {
    const { code, message } = JSON.parse(String(body)) as Record<string, unknown>
    if (typeof code !== 'string' || typeof message !== 'string')
      return `no error: ${String(body).slice(0, 200)}`
  }
  return null
}

function codeOf({ body }: Seen): string {
  try {
    return String((JSON.parse(String(body)) as Record<string, unknown>).code)
  } catch {
    return ''
  }
}

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1024 / 1024
}
