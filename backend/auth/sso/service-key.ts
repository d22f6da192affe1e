import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCode } from '../../start-error'
import { writeFileDurably } from '../../write-file'

/** The key that requests to identity providers are signed with, and the certificate they check it by. */
export type ServiceKey = { privateKey: string; certificate: string }

const schema = z.object({ privateKey: z.string(), certificate: z.string() })
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
}
/** Identity providers keep the certificate, and few notice that it has run out before nobody can sign in. */
const YEARS = 20

/** The key of a data folder: made at random when it is first needed, and kept in a file for its owner only. */
export function serviceKeyOf(dataDir: string): () => Promise<ServiceKey> {
  let key: Promise<ServiceKey> | undefined
  return () => {
    key ??= load(join(dataDir, 'saml-key.json'))
    key.catch(() => {
      key = undefined
    })
    return key
  }
}

async function load(path: string): Promise<ServiceKey> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  const key = await make()
  await writeFileDurably(path, `${JSON.stringify(key, null, 2)}\n`, 0o600)
  return key
}

async function make(): Promise<ServiceKey> {
  // Needed once in the life of an installation.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const now = new Date()
  const end = new Date(now)
  end.setFullYear(end.getFullYear() + YEARS)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=EnterpriseChat sign-in',
    notBefore: now,
    notAfter: end,
    keys,
    signingAlgorithm: ALGORITHM,
  })
  const exported = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = exported.match(/.{1,64}/g)?.join('\n') ?? ''
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    certificate: certificate.toString('pem'),
  }
}
