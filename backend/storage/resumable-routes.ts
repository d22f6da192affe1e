import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { ERRORS, Metadata, Server, type Upload } from '@tus/server'
import { Hono } from 'hono'
import { publicOrigin } from '../gateway/forwarded'
import type { Requester } from './access'
import { invalid, refusalFor, refusals } from './errors'
import { cacheControlOf, readMetadata } from './incoming'
import { checkBucketName, checkMimeType } from './names'
import { findBucket, type Mode } from './objects'
import type { Parts } from './parts'
import { ownerOf, ownRequester, requesterOf, type StorageContext, type StorageEnv } from './requests'
import { type ResumableDrafts, STORED } from './resumable-drafts'
import { metadataOf, type Target } from './upload'

const PATH = '/storage/v1/upload/resumable'
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
// Hono hands HEAD to whoever takes GET.
const methods = ['POST', 'PATCH', 'GET', 'DELETE']
const operations: Record<string, string> = { POST: 'create', PATCH: 'part', HEAD: 'get', DELETE: 'delete' }

/** Who sends a part, and for a signed upload what the signature allows. */
type Sender = { requester: Requester; signature: string | null }
type TusRequest = Parameters<NonNullable<Server['options']['onIncomingRequest']>>[0]
type ResumableParts = Parts & { drafts: ResumableDrafts; siteUrl: string | undefined; trustedProxies: number }

/** Uploads in parts that survive a lost connection and a restart of the server: TUS, `/storage/v1/upload/resumable`. */
export function resumableRoutes(parts: ResumableParts): Hono<StorageEnv> {
  const { access, blobs, drafts, keys, log, removals, signatures, uploads } = parts
  const senders = new WeakMap<IncomingMessage, Sender>()

  const tus = new Server({
    path: PATH,
    datastore: drafts,
    disableTerminationForFinishedUploads: true,
    namingFunction: () => randomUUID(),
    getFileIdFromRequest: idOf,
    generateUrl: (request, { id }) => {
      const node = nodeRequest(request)
      const origin = parts.siteUrl ?? publicOrigin(node, parts.trustedProxies)
      return `${origin}${PATH}${sender(request).signature === null ? '' : '/sign'}/${id}`
    },
    async maxSize(request, id) {
      const header = request.headers.get('upload-metadata')
      const metadata =
        request.method === 'POST' ? Metadata.parse(header ?? '') : (await known(id ?? '')).metadata
      return uploads.limitOf(await findBucket(access.own, checkBucketName(metadata?.bucketName ?? '')))
    },
    async onIncomingRequest(request, id) {
      if (request.method === 'POST') return
      const upload = await known(id)
      await checkSender(request, upload)
      const { requester } = sender(request)
      // A right that went meanwhile ends the upload.
      const isStored = upload.metadata?.[STORED] !== undefined
      if (request.method === 'PATCH' && !isStored) await uploads.prepare(requester, targetOf(upload))
      // The client has gone meanwhile, and may be asking already how far it got.
      if (nodeRequest(request).destroyed) throw ERRORS.ABORTED
      // The server ended between the last part and the row: now it can be done.
      if (request.method === 'HEAD' && upload.offset === upload.size) await finish(requester, upload)
    },
    async onUploadCreate(request, upload) {
      const { requester, signature } = sender(request)
      const {
        bucketName,
        objectName,
        contentType,
        cacheControl,
        metadata: userMetadata,
      } = upload.metadata ?? {}
      if (!bucketName || !objectName) throw invalid('Upload-Metadata must have bucketName and objectName')
      const url = `${bucketName}/${objectName}`
      const grant = signature === null ? null : await signatures.verify(signature, 'upload', url)
      const upsert = grant ? grant.upsert : requester.headers['x-upsert'] === 'true'
      const metadata = {
        ...{ bucketName, objectName, mode: upsert ? 'upsert' : 'create' },
        owner: (grant ? grant.owner : ownerOf(requester)) ?? '',
        contentType: contentType || 'application/octet-stream',
        cacheControl: cacheControlOf(cacheControl),
        ...(userMetadata ? { metadata: userMetadata } : {}),
      }
      readMetadata(userMetadata)
      const bucket = await uploads.prepare(requester, targetOf({ metadata }))
      checkMimeType(metadata.contentType, bucket.allowed_mime_types)
      return { metadata }
    },
    async onUploadFinish(request, upload) {
      await finish(sender(request).requester, await known(upload.id))
      return {}
    },
    onResponseError(request, error) {
      const refusal = refusalFor(error) ?? refusalFor(drafts.takeFailure(idOf(request) ?? ''))
      if (refusal) return { status_code: refusal.statusCode, body: refusal.message }
      // The library's own refusals know their status.
      if (!(error instanceof Error) || 'status_code' in error) return undefined
      log.error({ err: error, method: request.method }, 'storage: a part of an upload failed')
      return { status_code: 500, body: 'Something went wrong here. The server log says more.' }
    },
  })

  async function known(id: string): Promise<Upload> {
    if (!uuid.test(id)) throw ERRORS.FILE_NOT_FOUND
    return drafts.getUpload(id)
  }

  function sender(request: TusRequest): Sender {
    const found = senders.get(nodeRequest(request))
    if (!found) throw new Error('A request without a sender')
    return found
  }

  /** To everybody but who began it, an upload is not there. */
  async function checkSender(request: TusRequest, upload: Upload): Promise<void> {
    const { requester, signature } = sender(request)
    const { bucketId, key, ownerId } = targetOf(upload)
    if (signature !== null) await signatures.verify(signature, 'upload', `${bucketId}/${key}`)
    else if (ownerOf(requester) !== ownerId) throw ERRORS.FILE_NOT_FOUND
  }

  /** All parts are there: they become a file. Doing it again changes nothing. */
  async function finish(requester: Requester, upload: Upload): Promise<void> {
    const { id: version, metadata, size = 0 } = upload
    if (metadata?.[STORED] !== undefined) return
    const [stored] = await access.own`select from storage.objects where version = ${version}`
    if (!stored) {
      await removals.plan(version)
      try {
        await blobs.keep(version, drafts.pathOf(version))
        const described = metadataOf(
          version,
          size,
          metadata?.contentType ?? '',
          metadata?.cacheControl ?? 'no-cache',
        )
        const userMetadata = readMetadata(metadata?.metadata)
        await uploads.commit(requester, targetOf(upload), version, { metadata: described, userMetadata })
      } catch (error) {
        await removals.hurry(version)
        // Otherwise the client would find all its parts here and take that for success.
        await drafts.forget(version)
        throw error
      }
      removals.poke()
    }
    await drafts.markStored(upload)
  }

  async function handle(context: StorageContext, { requester, signature }: Sender) {
    const { incoming, outgoing } = context.env
    if (incoming.method === 'GET') return context.notFound()
    senders.set(incoming, { requester, signature })
    await tus.handle(incoming, outgoing)
    return RESPONSE_ALREADY_SENT
  }

  const app = new Hono<StorageEnv>()
  for (const path of ['/upload/resumable/sign', '/upload/resumable/sign/:id']) {
    app.on(methods, path, async (context) => {
      const signature = context.req.header('x-signature')
      if (!signature) throw refusals.invalidSignature()
      const requester = ownRequester(context, `tus.upload.${operations[context.req.method]}_signed`)
      return handle(context, { requester, signature })
    })
  }
  for (const path of ['/upload/resumable', '/upload/resumable/', '/upload/resumable/:id']) {
    app.on(methods, path, async (context) => {
      const requester = await requesterOf(context, keys, `tus.upload.${operations[context.req.method]}`)
      return handle(context, { requester, signature: null })
    })
  }
  return app
}

function targetOf({ metadata }: Pick<Upload, 'metadata'>): Target {
  const { bucketName, objectName, mode, owner } = metadata ?? {}
  return {
    ...{ bucketId: bucketName ?? '', key: objectName ?? '', mode: mode as Mode },
    ownerId: owner === '' || owner === undefined ? null : owner,
  }
}

function idOf(request: TusRequest): string | undefined {
  const id = new URL(request.url).pathname.split('/').at(-1) ?? ''
  return uuid.test(id) ? id : undefined
}

function nodeRequest(request: TusRequest): IncomingMessage {
  const node = request.runtime?.node?.req
  if (!node) throw new Error('Not a request of Node')
  return node as IncomingMessage
}
