import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { CallerError } from '../caller'
import { ApiError, databaseAwayError, errorResponse, isDatabaseAway } from '../errors'
import type { Logger } from '../log'
import type { Service } from '../services'
import { limitBody } from './limit-body'

/** Paths of a Supabase project. All of them answer in JSON, whether we serve them or not. */
export const apiPath = /^\/(auth|rest|realtime|storage|functions|graphql|pg)\/v1(\/|$|\?)/

const notServed: Record<string, string> = {
  functions: 'Edge Functions (/functions/v1)',
  graphql: 'GraphQL (/graphql/v1)',
  pg: 'The management API (/pg/v1)',
}

const exposed =
  'Content-Encoding Content-Location Content-Range Content-Type Date Link Location Preference-Applied'
/** Response headers that scripts of other origins may read. */
export const exposeHeaders = [
  ...exposed.split(' '),
  'Retry-After',
  'X-Request-Id',
  'X-Total-Count',
  'X-Supabase-Api-Version',
  ...['Accept-Ranges', 'Content-Disposition', 'Content-Length', 'ETag', 'Last-Modified'],
]
const allowMethods = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS']

type Options = { services: Service[] | undefined; bodyLimit: number; log: Logger }

/** The HTTP side of all services: `Request` in, `Response` out. Without services it says that it is starting. */
export function createApi({ services, bodyLimit: maxSize, log }: Options): Hono<{ Bindings: HttpBindings }> {
  const api = new Hono<{ Bindings: HttpBindings }>()
  api.onError((error, context) => {
    if (error instanceof ApiError) return errorResponse(error)
    if (error instanceof CallerError) return Response.json(error.body, { status: error.status })
    if (isDatabaseAway(error)) return errorResponse(databaseAwayError())
    log.error({ err: error, path: context.req.path }, 'A request failed')
    return errorResponse(
      new ApiError(500, 'unexpected_failure', 'Something went wrong here. The server log says more.'),
    )
  })
  api.use(cors({ origin: '*', allowMethods, exposeHeaders, maxAge: 3600 }))
  api.use(limitBody(maxSize, () => errorResponse(tooLarge(maxSize))))
  for (const service of services ?? []) if (service.app) api.route('/', service.app)
  api.notFound((context) => errorResponse(missing(context.req.path, services)))
  return api
}

function tooLarge(maxSize: number): ApiError {
  return new ApiError(
    413,
    'request_too_large',
    `The request is larger than ${maxSize} bytes, the most that is taken.`,
  )
}

function missing(path: string, services: Service[] | undefined): ApiError {
  if (!services) {
    return new ApiError(503, 'starting', 'The server is starting. Try again in a few seconds.', {
      headers: { 'retry-after': '1' },
    })
  }
  const [, name = ''] = path.split('/')
  const what = notServed[name]
  if (what && !services.some((service) => service.name === name)) {
    return new ApiError(501, 'not_implemented', `${what} is not part of this server.`)
  }
  return new ApiError(404, 'not_found', `There is nothing at ${path.slice(0, 200)}.`)
}
