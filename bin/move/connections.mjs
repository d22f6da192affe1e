// Sign-in at other providers. Rows of SAML connections move with the other tables. Providers that an administrator added for OpenID
// or OAuth have secrets that each side seals with a key of its own: they go through the project's admin API, which takes a secret
// and never gives it back. What only people can do, at the project or at the provider, is listed.

const FIELDS = [
  'provider_type identifier name client_id acceptable_client_ids scopes pkce_enabled attribute_mapping',
  'authorization_params custom_claims_allowlist enabled email_optional issuer discovery_url skip_nonce_check',
  'authorization_url token_url userinfo_url jwks_uri',
].flatMap((line) => line.split(' '))

/**
 * Brings custom providers to the project. `open` unseals a secret, or is null where its key is not. Returns `{all, moved, byHand}`:
 * how many there are and were brought, and what is left to do, in words. With `dryRun` nothing is written.
 */
export async function moveConnections({ source, from, to, open, dryRun, say }) {
  const rows = await source`
    select to_jsonb(p) as provider from auth.custom_oauth_providers p order by p.identifier`
  const result = { all: rows.length, moved: 0, byHand: [] }
  for (const { provider } of rows) {
    const secret = await unseal(provider, open)
    const problem = secret
      ? dryRun
        ? null
        : await bring(to, { ...wanted(provider), client_secret: secret })
      : 'its secret cannot be read here: run this where DATA_DIR is the data folder of the installation, or enter it again'
    if (problem) result.byHand.push(`${nameOf(provider)} is not moved: ${problem}.`)
    else {
      result.moved += 1
      if (!dryRun) say(`sign-in: ${nameOf(provider)}`)
    }
    const { issuer, authorization_url } = provider
    result.byHand.push(
      `At ${issuer ?? authorization_url}, allow client ${provider.client_id} the redirect address ${to.url}/auth/v1/callback.`,
    )
  }
  result.byHand.push(...(await samlByHand(source, to)), ...(await builtInByHand(from, to)))
  return result
}

async function unseal({ client_secret }, open) {
  // Sealed with another key, of another installation: then nobody here can read it.
  return open ? await open(client_secret).catch(() => null) : null
}

/** What the API takes; empty values are what it assumes by itself. */
function wanted(provider) {
  return Object.fromEntries(
    FIELDS.map((name) => [name, provider[name]]).filter(([, value]) => value !== null),
  )
}

/** Makes or renews one. Null, or in words why the project does not take it. */
async function bring(to, body) {
  const path = `admin/custom-providers/${body.identifier}`
  const known = await ask(to, 'GET', path)
  if (known.status !== 200 && known.status !== 404) return refusal(known)
  const answer =
    known.status === 200
      ? await ask(to, 'PUT', path, body)
      : await ask(to, 'POST', 'admin/custom-providers', body)
  if (!answer.ok) return refusal(answer)
  const stored = await (await ask(to, 'GET', path)).json()
  const other = FIELDS.filter((name) => name in body && text(stored[name]) !== text(body[name]))
  return other.length > 0 ? `the project has other values for ${other.join(', ')}` : null
}

async function refusal(answer) {
  const { msg, message, error_code: code } = await answer.json().catch(() => ({}))
  return `the project says ${answer.status} ${msg ?? message ?? code ?? answer.statusText}`
}

/** SAML connections are there with the rows; their identity providers have to know the new addresses. */
async function samlByHand(source, to) {
  const rows = await source`select entity_id from auth.saml_providers order by entity_id`
  if (rows.length === 0) return []
  const { saml_enabled: isOn } = await settingsOf(to)
  return [
    ...(isOn ? [] : ['SAML 2.0 is off in the project: turn it on (Authentication → Sign in / Providers).']),
    ...rows.map(
      ({ entity_id: id }) =>
        `At ${id}, set the entity ID ${to.url}/auth/v1/sso/saml/metadata and the ACS address ${to.url}/auth/v1/sso/saml/acs.`,
    ),
  ]
}

/** Providers that are on by settings of the environment (EXTERNAL_…), which a move does not read. */
async function builtInByHand(from, to) {
  const [here, there] = await Promise.all([settingsOf(from), settingsOf(to)])
  return Object.keys(here.external ?? {})
    .filter((name) => here.external[name] && !there.external?.[name] && !NOT_PROVIDERS.has(name))
    .map(
      (name) =>
        `Sign-in with ${name} is off in the project: enter its client ID and secret (Authentication → Sign in / Providers), and allow ${to.url}/auth/v1/callback there.`,
    )
}

const NOT_PROVIDERS = new Set(['email', 'phone', 'anonymous_users'])

async function settingsOf(side) {
  const answer = await ask(side, 'GET', 'settings')
  if (!answer.ok) throw new Error(`${side.url}/auth/v1/settings: ${answer.status}`)
  return answer.json()
}

function ask({ url, key }, method, path, json) {
  const headers = { apikey: key, authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = json ? { body: JSON.stringify(json) } : {}
  return fetch(`${url}/auth/v1/${path}`, { method, headers, ...body }).catch((error) => {
    throw new Error(`${url} cannot be reached: ${error.cause?.message ?? error.message}`)
  })
}

const nameOf = ({ name, identifier }) => `${name} (${identifier})`

/** The same for values that differ in the order of their keys alone, and for empty ones that are left out. */
function text(value) {
  if (Array.isArray(value)) return value.length === 0 ? '' : JSON.stringify(value)
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? '' : JSON.stringify(entries.map(([key, each]) => [key, text(each)]))
}
