import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSamlIdp } from './saml-idp'
import { startWithSaml } from './saml-world'

let world: Awaited<ReturnType<typeof startWithSaml>>
let idp: Awaited<ReturnType<typeof createSamlIdp>>
let files: Server
let origin: string
let served = ''
let visits = 0

beforeAll(async () => {
  files = createServer((_, response) => {
    visits += 1
    response.end(served)
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
  world = await startWithSaml({ externalAllowPrivateHosts: true })
  idp = await createSamlIdp('https://idp.example.com')
})

afterAll(async () => {
  files.close()
  await world.stop()
})

describe('admin/sso/providers', () => {
  test('adds, reads, changes and removes', async () => {
    const made = await world.admin('POST', '', {
      type: 'saml',
      metadata_xml: idp.metadata,
      domains: ['Example.com', 'example.org', 'example.com'],
      attribute_mapping: { keys: { name: { name: 'displayName' } } },
      name_id_format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    })
    expect(made).toMatchObject({
      status: 201,
      body: {
        saml: {
          entity_id: 'https://idp.example.com',
          metadata_xml: idp.metadata,
          attribute_mapping: { keys: { name: { name: 'displayName' } } },
          name_id_format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        },
        domains: [{ domain: 'example.com' }, { domain: 'example.org' }],
      },
    })
    const { id } = made.body
    const listed = await world.admin('GET', '')
    expect(listed.body.items).toMatchObject([{ id, saml: { entity_id: 'https://idp.example.com' } }])
    expect(listed.body.items[0].saml).not.toHaveProperty('metadata_xml')
    expect((await world.admin('GET', `/${id}`)).body).toEqual(made.body)

    const changed = await world.admin('PUT', `/${id}`, { domains: ['example.org', 'example.net'] })
    expect(changed.body).toMatchObject({
      saml: { attribute_mapping: { keys: { name: { name: 'displayName' } } } },
      domains: [{ domain: 'example.net' }, { domain: 'example.org' }],
    })
    const other = await createSamlIdp('https://other.example.com')
    expect(await world.admin('PUT', `/${id}`, { metadata_xml: other.metadata })).toMatchObject({
      status: 400,
      body: { error_code: 'saml_entity_id_mismatch' },
    })
    const taken = { type: 'saml', metadata_xml: other.metadata, domains: ['EXAMPLE.net'] }
    expect((await world.admin('POST', '', taken)).body).toMatchObject({
      error_code: 'sso_domain_already_exists',
    })
    const twice = { type: 'saml', metadata_xml: idp.metadata }
    expect(await world.admin('POST', '', twice)).toMatchObject({
      status: 422,
      body: { error_code: 'saml_idp_already_exists' },
    })
    expect((await world.admin('DELETE', `/${id}`)).status).toBe(200)
    expect(await world.admin('GET', `/${id}`)).toMatchObject({
      status: 404,
      body: { error_code: 'sso_provider_not_found' },
    })
    expect((await world.admin('GET', '')).body.items).toEqual([])
  })

  test('reads the metadata from an address', async () => {
    served = idp.metadata
    const made = await world.admin('POST', '', { type: 'saml', metadata_url: `${origin}/metadata` })
    expect(made).toMatchObject({
      status: 201,
      body: { saml: { entity_id: 'https://idp.example.com', metadata_url: `${origin}/metadata` } },
    })
    const { id } = made.body
    // A day later they are read again, and stay as they are when they cannot be.
    const { admin } = world.auth.server.database
    const age = () =>
      admin`update auth.saml_providers set updated_at = now() - interval '25 hours' where sso_provider_id = ${id}`
    await age()
    served = idp.metadata.replace('/sign-in"', '/new-sign-in"')
    expect(await world.begin(world.auth.client(), id)).toContain('https://idp.example.com/new-sign-in')
    await age()
    served = 'nonsense'
    expect(await world.begin(world.auth.client(), id)).toContain('https://idp.example.com/new-sign-in')
    await age()
    served = idp.metadata.replaceAll('https://idp.example.com', 'https://evil.example.com')
    expect(await world.begin(world.auth.client(), id)).toContain('https://idp.example.com/new-sign-in')
    await world.admin('DELETE', `/${id}`)
  })

  test('says what is wrong', async () => {
    const { metadata } = idp
    const role = /<IDPSSODescriptor.*<\/IDPSSODescriptor>/s
    const wrong: [object, RegExp][] = [
      [{ type: 'oidc', metadata_xml: metadata }, /Only 'saml'/],
      [{ type: 'saml' }, /must be set/],
      [{ type: 'saml', metadata_xml: metadata, metadata_url: origin }, /Only one/],
      [{ type: 'saml', metadata_xml: 'x' }, /not valid XML|IDPSSODescriptor/],
      [{ type: 'saml', metadata_xml: `<!DOCTYPE a [<!ENTITY x "y">]>${metadata}` }, /document type/],
      [{ type: 'saml', metadata_xml: `<!-- ${'x'.repeat(600_000)} -->${metadata}` }, /too large/],
      [{ type: 'saml', metadata_xml: metadata.replace(role, '') }, /any IDPSSODescriptor/],
      [{ type: 'saml', metadata_xml: metadata.replace(role, (own) => own + own) }, /multiple/],
      [{ type: 'saml', metadata_xml: metadata.replace(/entityID="[^"]*"/, '') }, /EntityID/],
      [
        {
          type: 'saml',
          metadata_xml: metadata.replace(/<KeyDescriptor use="signing">.*?<\/KeyDescriptor>/gs, ''),
        },
        /certificate/,
      ],
      [
        {
          type: 'saml',
          metadata_xml: metadata.replace(/<(\w+:)?X509Certificate>..../, '<$1X509Certificate>AAAA'),
        },
        /certificate/,
      ],
      [{ type: 'saml', metadata_xml: metadata.replace('HTTP-Redirect', 'HTTP-POST') }, /HTTP-Redirect/],
      [
        {
          type: 'saml',
          metadata_xml: metadata.replace('https://idp.example.com/sign-in', 'javascript:alert(1)'),
        },
        /HTTP-Redirect/,
      ],
      [{ type: 'saml', metadata_xml: metadata, domains: ['not a domain'] }, /not a domain/],
      [{ type: 'saml', metadata_xml: metadata, name_id_format: 'x' }, /name_id_format/],
    ]
    for (const [body, message] of wrong) {
      const answer = await world.admin('POST', '', body)
      expect(answer, String(message)).toMatchObject({
        status: 400,
        body: { msg: expect.stringMatching(message) },
      })
    }
    expect((await world.admin('GET', '')).body.items).toEqual([])
  })

  test('is for administrators', async () => {
    const { session } = await world.auth.signUp()
    const headers = { authorization: `Bearer ${session.access_token}` }
    for (const method of ['GET', 'POST']) {
      const body = method === 'GET' ? null : JSON.stringify({ type: 'saml', metadata_xml: idp.metadata })
      const answer = await world.auth.ask('/admin/sso/providers', { method, headers, body })
      expect([answer.status, await answer.json()]).toMatchObject([403, { error_code: 'not_admin' }])
    }
  })
})

test('metadata say who we are, to everybody', async () => {
  const answer = await fetch(`${world.base}/sso/saml/metadata?download=true`)
  expect(answer.headers.get('content-type')).toContain('application/xml')
  expect(answer.headers.get('content-disposition')).toContain('attachment')
  const xml = await answer.text()
  expect(xml).toContain(`entityID="${world.base}/sso/saml/metadata"`)
  expect(xml).toContain(`Location="${world.base}/sso/saml/acs"`)
  expect(xml).toContain('WantAssertionsSigned="true"')
  expect(xml).toContain('AuthnRequestsSigned="true"')
  expect(xml).not.toContain('PRIVATE')
  const again = await (await fetch(`${world.base}/sso/saml/metadata`)).text()
  const certificate = /<ds:X509Certificate>([^<]+)/
  expect(certificate.exec(again)?.[1]).toBe(certificate.exec(xml)?.[1])
})

test('metadata inside the own network are not fetched unless that is allowed', async () => {
  const careful = await startWithSaml()
  try {
    const before = visits
    const { port } = new URL(origin)
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '169.254.169.254']) {
      const answer = await careful.admin('POST', '', {
        type: 'saml',
        metadata_url: `https://${host}:${port}/`,
      })
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'saml_metadata_fetch_failed' } })
      expect(answer.body.msg).toContain('inside the own network')
    }
    expect((await careful.admin('POST', '', { type: 'saml', metadata_url: origin })).status).toBe(400)
    expect(visits).toBe(before)
  } finally {
    await careful.stop()
  }
})

test('the name of the service is not whoever asks’ to choose', async () => {
  const nameless = await startWithSaml()
  try {
    const ask = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const url = new URL(`${nameless.base}/sso/saml/metadata`)
        get({ hostname: url.hostname, port: url.port, path: url.pathname, headers: { host } }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        }).once('error', reject)
      })
    expect(await ask('other.example.com')).toBe(404)
    expect(await ask(new URL(nameless.base).host)).toBe(200)
  } finally {
    await nameless.stop()
  }
})
