import { removeTwoFactor } from '@/features/profiles/server'
import { answer, bearerToken, jsonBody, uuidOf } from '@/lib/api'

/** `{}` → `{removed}`: by whom `may_reset_password` allows it. */
export function POST(request: Request, context: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const token = bearerToken(request)
    await jsonBody(request)
    return removeTwoFactor(token, uuidOf((await context.params).id))
  })
}
