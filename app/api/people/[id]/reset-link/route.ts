import { createResetLink } from '@/features/profiles/server'
import { answer, bearerToken, jsonBody, siteOrigin, uuidOf } from '@/lib/api'

/** `{}` → `{link}`: by whom `may_reset_password` allows it. */
export function POST(request: Request, context: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const token = bearerToken(request)
    await jsonBody(request)
    return createResetLink(token, uuidOf((await context.params).id), siteOrigin(request))
  })
}
