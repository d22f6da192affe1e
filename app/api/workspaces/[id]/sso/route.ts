import type { z } from 'zod'
import { connectionChangeSchema, connectionIdSchema, newConnectionSchema } from '@/features/sso/schema'
import { createConnection, deleteConnection, listConnections, updateConnection } from '@/features/sso/server'
import { answer, bearerToken, jsonBody, Refusal, siteOrigin, uuidOf } from '@/lib/api'

type Context = { params: Promise<{ id: string }> }

/** → `{connections, service_provider: {entity_id, metadata_url, acs_url, callback_url}}` */
export function GET(request: Request, context: Context) {
  return answer(async () => listConnections(await callerOf(request, context), siteOrigin(request)))
}

/** A new connection → its row. */
export function POST(request: Request, context: Context) {
  return answer(async () =>
    createConnection(await callerOf(request, context), await bodyOf(request, newConnectionSchema)),
  )
}

/** `{id, …what changes}` → its row. */
export function PUT(request: Request, context: Context) {
  return answer(async () =>
    updateConnection(await callerOf(request, context), await bodyOf(request, connectionChangeSchema)),
  )
}

/** `{id}` → `{id}` */
export function DELETE(request: Request, context: Context) {
  return answer(async () =>
    deleteConnection(await callerOf(request, context), (await bodyOf(request, connectionIdSchema)).id),
  )
}

async function callerOf(request: Request, { params }: Context) {
  return { token: bearerToken(request), workspaceId: uuidOf((await params).id) }
}

async function bodyOf<T extends z.ZodType>(request: Request, schema: T): Promise<z.infer<T>> {
  const parsed = schema.safeParse(await jsonBody(request))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refusal(
    422,
    'connection_invalid',
    [issue?.path.join('.'), issue?.message].filter(Boolean).join(': '),
  )
}
