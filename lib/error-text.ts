import { useTranslations } from 'use-intl'
import { toAppError } from './errors'

/** Turns anything that was thrown into the sentence of the person's language: `errors.<code>` of the locale. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors')
  return (error) => {
    const { code, retryAfter } = toAppError(error)
    const key = (t.has(code as 'unexpected') ? code : 'unexpected') as 'too_many_requests'
    return t(key, { seconds: retryAfter ?? 60 })
  }
}
