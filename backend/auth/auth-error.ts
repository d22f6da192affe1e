import { ApiError } from '../errors'

/** From this version of the API on, the body of an error is `{ code, message }`. */
const API_VERSION = '2024-01-01'
const API_VERSION_HEADER = 'X-Supabase-Api-Version'

/** The answer to a refused request, in the form of the API version that the client names. */
export function authErrorResponse(error: ApiError, requestedVersion: string | undefined): Response {
  const { status, code, message, extra } = error
  const named = /^\d{4}-\d{2}-\d{2}$/.test(requestedVersion ?? '') && String(requestedVersion) >= API_VERSION
  const body = named ? { code, message } : { code: status, error_code: code, msg: message }
  const headers = { ...extra.headers, ...(named ? { [API_VERSION_HEADER]: API_VERSION } : {}) }
  return Response.json({ ...body, ...extra.body }, { status, headers })
}

/** One answer for an unknown address, a wrong password and an account without a password. */
export function invalidCredentials(): ApiError {
  return new ApiError(400, 'invalid_credentials', 'Invalid login credentials')
}

/** Come again in so many seconds. */
export function tooManyRequests(retryAfterSeconds: number): ApiError {
  return new ApiError(429, 'over_request_rate_limit', 'Request rate limit reached', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  })
}

/** Mails to an address, or all mails, have to wait. */
export function tooManyMails(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError(429, 'over_email_send_rate_limit', message, {
    headers: { 'retry-after': String(retryAfterSeconds) },
  })
}

/** What needs a mail cannot be done without a mail server. */
export function noMail(): ApiError {
  const what = 'This server sends no mails: ask an administrator, who can make a link for you.'
  return new ApiError(422, 'email_provider_disabled', what)
}

/** The request is understood and cannot be carried out as it is. */
export function validationFailed(message: string): ApiError {
  return new ApiError(400, 'validation_failed', message)
}

/** GoTrue answers 400 to somebody who signs in and 403 to somebody who is signed in. */
export function userBanned(status: 400 | 403): ApiError {
  return new ApiError(status, 'user_banned', 'User is banned')
}

/** A part of GoTrue that is not here (yet). */
export function notImplemented(what: string): ApiError {
  return new ApiError(501, 'not_implemented', `${what} is not supported by this server`)
}
