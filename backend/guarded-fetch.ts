import { lookup as resolveName } from 'node:dns'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivateAddress } from './private-address'

/** Why a request to another server was not made or not read to its end. The message is fit for an administrator. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused'
}

/** What limits a request to an address that somebody typed. */
export type FetchLimits = {
  /** Whether it may lead into the own network. Only there plain http is accepted. */
  allowPrivateHosts: boolean
  timeoutMs?: number
  maxBytes?: number
  /** How many redirects are followed; each is checked like the first address. */
  redirects?: number
}

/** What is sent. */
export type FetchInit = {
  method?: string
  headers?: Record<string, string>
  body?: unknown
  signal?: AbortSignal | undefined
}

const TIMEOUT_MS = 10_000
const MAX_BYTES = 1_048_576

/**
 * `fetch` for addresses that come from outside. The check is made on the address that the socket connects to, so
 * that a name cannot lead somewhere else the second time it is asked.
 */
export async function guardedFetch(address: string, init: FetchInit, limits: FetchLimits): Promise<Response> {
  const url = parse(address, limits)
  const signals = [AbortSignal.timeout(limits.timeoutMs ?? TIMEOUT_MS), ...(init.signal ? [init.signal] : [])]
  const response = await send(url, { ...init, signal: AbortSignal.any(signals) }, limits)
  const location = response.headers.get('location')
  const left = limits.redirects ?? 0
  if (left === 0 || location === null || ![301, 302, 303, 307, 308].includes(response.status)) return response
  if (!URL.canParse(location, url)) throw new FetchRefused(`${url.host} redirects to no address`)
  return guardedFetch(new URL(location, url).href, init, { ...limits, redirects: left - 1 })
}

function parse(address: string, limits: FetchLimits): URL {
  if (!URL.canParse(address)) throw new FetchRefused('This is not an address')
  const url = new URL(address)
  if (url.username || url.password) throw new FetchRefused('An address must not contain a user name')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && limits.allowPrivateHosts)) {
    throw new FetchRefused('The address must begin with https://')
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // No name is looked up for an IP address, so it is checked here.
  if (isIP(host)) checkAddress(host, url.protocol, limits)
  return url
}

function checkAddress(ip: string, protocol: string, { allowPrivateHosts }: FetchLimits): void {
  const isPrivate = isPrivateAddress(ip)
  if (isPrivate && !allowPrivateHosts) {
    throw new FetchRefused(
      'The address is inside the own network; EXTERNAL_ALLOW_PRIVATE_HOSTS=true allows that',
    )
  }
  if (!isPrivate && protocol === 'http:') throw new FetchRefused('The address must begin with https://')
}

function send(url: URL, init: FetchInit, limits: FetchLimits): Promise<Response> {
  const lookup: LookupFunction = (name, options, done) => {
    resolveName(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0)
      try {
        for (const { address } of addresses) checkAddress(address, url.protocol, limits)
      } catch (refused) {
        return done(refused as Error, '', 0)
      }
      const [first] = addresses
      if (!first) return done(new FetchRefused(`${name} has no address`), '', 0)
      if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
  const make = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const request: ClientRequest = make(url, {
      method: init.method ?? 'GET',
      headers: { 'user-agent': 'EnterpriseChat', ...init.headers },
      signal: init.signal,
      lookup,
      // A connection that was kept would be used again without a look at its address.
      agent: false,
    })
    request.once('error', reject)
    request.once('response', (response) => {
      read(response, limits.maxBytes ?? MAX_BYTES).then(resolve, (error) => {
        request.destroy()
        reject(error)
      })
    })
    request.end(bodyOf(init.body))
  })
}

async function read(message: IncomingMessage, maxBytes: number): Promise<Response> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new FetchRefused(`The answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  const headers = new Headers()
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const status = message.statusCode ?? 502
  const empty = status < 200 || [204, 205, 304].includes(status)
  return new Response(empty ? null : Buffer.concat(chunks), { status: Math.max(200, status), headers })
}

function bodyOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (body instanceof URLSearchParams) return body.toString()
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  throw new TypeError('this body cannot be sent')
}
