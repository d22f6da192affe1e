import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { CallerError } from '../caller'
import type { Deps, Service } from '../services'
import { createAccess } from './access'
import { createDiskBlobs } from './blobs/disk'
import { createS3Blobs } from './blobs/s3'
import { bucketRoutes } from './bucket-routes'
import { cacheRoutes } from './cache-routes'
import { downloadRoutes } from './download-routes'
import { refusalFor, StorageError } from './errors'
import { linger } from './linger'
import { objectRoutes } from './object-routes'
import type { Parts } from './parts'
import { createRemovals } from './removals'
import { createRenders } from './renders'
import type { StorageEnv } from './requests'
import { ResumableDrafts } from './resumable-drafts'
import { resumableRoutes } from './resumable-routes'
import { signRoutes } from './sign-routes'
import { createSignatures } from './signatures'
import { createSigners } from './signers'
import { createUploads } from './upload'

/** Connections of storage; none is held while bytes move. */
const CONNECTIONS = 8
/** As REST: nobody's policy may hold one of them for longer. */
const STATEMENT_TIMEOUT_MS = 8000

/** Supabase Storage, under `/storage/v1`: files, their policies and their bytes. */
export function createStorage({ settings, secrets, tokens, database, log }: Deps): Service {
  const own = database.connect('supabase_storage_admin', {
    max: CONNECTIONS,
    connection: { application_name: 'enterprise-chat storage', statement_timeout: STATEMENT_TIMEOUT_MS },
  })
  const access = createAccess(own)
  const folder = join(settings.dataDir, 'storage')
  const { fileSizeLimit: sizeLimit, s3 } = settings
  const blobs = s3 ? createS3Blobs(s3, sizeLimit) : createDiskBlobs(folder)
  const drafts = new ResumableDrafts(join(folder, 'resumable'))
  const renders = createRenders(join(folder, 'renders'), blobs, log)
  const removals = createRemovals({ own, blobs, forget: renders.forget, log })
  const parts: Parts = {
    ...{ access, blobs, removals, renders, sizeLimit, log },
    signatures: createSignatures(secrets.storageKey),
    signers: createSigners(secrets.storageKey),
    uploads: createUploads({ access, blobs, removals, sizeLimit }),
    keys: { secrets, tokens },
  }
  const { siteUrl, trustedProxies } = settings
  const app = createApp(parts, resumableRoutes({ ...parts, drafts, siteUrl, trustedProxies }))
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    // It would close the connection after half a second: see linger.ts.
    autoCleanupIncoming: false,
  })

  return {
    name: 'storage',
    async handle(request, response) {
      linger(request, response)
      await listener(request, response)
    },
    async start() {
      await blobs.start()
      await renders.start()
      await removals.start()
      drafts.startSweeping((err) => log.warn({ err }, 'storage: old parts of uploads could not be removed'))
    },
    async stop() {
      drafts.stopSweeping()
      renders.stop()
      await removals.stop()
      await blobs.stop()
      await own.end({ timeout: 5 })
    },
  }
}

function createApp(parts: Parts, resumable: Hono<StorageEnv>): Hono<StorageEnv> {
  const app = new Hono<StorageEnv>().basePath('/storage/v1')
  // The narrow paths first: `/object/:bucket/…` takes all that is left.
  app.route('/', resumable)
  for (const routes of [bucketRoutes, cacheRoutes, signRoutes, downloadRoutes, objectRoutes])
    app.route('/', routes(parts))
  app.get('/status', (context) => context.json({ status: 'ok' }))
  app.notFound((context) =>
    answer(new StorageError(404, 'Not Found', `Route ${context.req.method} not found`, 404)),
  )
  app.onError((error) => {
    if (error instanceof CallerError) {
      return Response.json(error.body, { status: error.status, headers: { 'cache-control': 'no-store' } })
    }
    const refusal = refusalFor(error)
    if (refusal) return answer(refusal)
    parts.log.error({ err: error }, 'storage: a request failed')
    return answer(
      new StorageError(500, 'InternalError', 'Something went wrong here. The server log says more.'),
    )
  })
  return app
}

function answer({ status, body, headers }: StorageError): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}
