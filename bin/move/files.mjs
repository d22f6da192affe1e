// Moves files through the Storage API of both sides, so that it does not matter where either keeps the bytes.
import { createHash } from 'node:crypto'

/**
 * Makes the buckets and moves every file that is not there with the same bytes. Returns `{files, moved, bytes}`. `target` is
 * null where there is nothing yet.
 */
export async function moveFiles({ source, target, from, to, dryRun, say }) {
  const total = { files: 0, moved: 0, bytes: 0 }
  if (!dryRun) await makeBuckets({ source, target, to })
  for await (const file of listFiles(source)) {
    total.files += 1
    total.bytes += file.size ?? 0
    if (target && (await isThere(file, { target, from, to }))) continue
    total.moved += 1
    if (dryRun) continue
    await moveFile(file, { target, from, to })
    say(`files: ${total.files}, the last one ${file.bucket_id}/${file.name}`)
  }
  return total
}

/** Compares the files of both sides by name, size and bytes. Returns `{files, wrong}`, the names of what is missing or other. */
export async function compareFiles({ source, target, from, to }) {
  const wrong = []
  let files = 0
  for await (const file of listFiles(source)) {
    files += 1
    if (!(await isThere(file, { target, from, to }))) wrong.push(`${file.bucket_id}/${file.name}`)
  }
  return { files, wrong }
}

/** In pages, one after another: what is interrupted finds again what it has done. */
async function* listFiles(sql) {
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await sql`
      select id, bucket_id, name, metadata, user_metadata, owner, owner_id, created_at, updated_at,
        (metadata ->> 'size')::float8 as size
      from storage.objects where id > ${last} order by id limit 500`
    yield* page
    if (page.length === 0) return
    last = page.at(-1).id
  }
}

const listBuckets = (sql) => sql`
  select id, name, public, file_size_limit::float8 as file_size_limit, allowed_mime_types from storage.buckets order by id`

/** Those of the product come with its migrations. */
async function makeBuckets({ source, target, to }) {
  const known = new Map((await listBuckets(target)).map((bucket) => [bucket.id, JSON.stringify(bucket)]))
  for (const bucket of await listBuckets(source)) {
    if (known.get(bucket.id) === JSON.stringify(bucket)) continue
    const { id, name: _, ...limits } = bucket
    const answer = known.has(id)
      ? await ask(to, 'PUT', `bucket/${encodeURIComponent(id)}`, { json: limits })
      : await ask(to, 'POST', 'bucket', { json: bucket })
    if (!answer.ok) throw await refused(answer, `The bucket ${id} cannot be made`)
  }
}

async function isThere({ bucket_id, name, size }, { target, from, to }) {
  const [row] = await target`
    select (metadata ->> 'size')::float8 as size from storage.objects where bucket_id = ${bucket_id} and name = ${name}`
  if (!row || row.size !== size) return false
  const path = pathOf({ bucket_id, name })
  const [here, there] = await Promise.all([checksum(from, path), checksum(to, path)])
  return here !== null && here === there
}

async function moveFile(file, { target, from, to }) {
  const path = pathOf(file)
  const response = await ask(from, 'GET', path)
  if (!response.ok) throw await refused(response, `The file ${file.bucket_id}/${file.name} cannot be read`)
  const { mimetype, cacheControl } = file.metadata ?? {}
  const age = /max-age=(\d+)/.exec(cacheControl ?? '')?.[1]
  const sent = await ask(to, 'POST', path, {
    body: response.body,
    headers: {
      'content-type': mimetype ?? 'application/octet-stream',
      ...(response.headers.has('content-length')
        ? { 'content-length': response.headers.get('content-length') }
        : {}),
      ...(age ? { 'cache-control': `max-age=${age}` } : {}),
      ...(file.user_metadata
        ? { 'x-metadata': Buffer.from(JSON.stringify(file.user_metadata)).toString('base64') }
        : {}),
      'x-upsert': 'true',
    },
  })
  if (!sent.ok) throw await refused(sent, `The file ${file.bucket_id}/${file.name} cannot be stored`)
  await sent.body?.cancel()
  // Who put it there decides who may take it away.
  const { owner, owner_id, created_at, updated_at } = file
  await target`
    update storage.objects set ${target({ owner, owner_id, created_at, updated_at })}
    where bucket_id = ${file.bucket_id} and name = ${file.name}`
}

async function checksum(side, path) {
  const response = await ask(side, 'GET', path)
  if (!response.ok) {
    await response.body?.cancel()
    return null
  }
  const hash = createHash('sha256')
  for await (const chunk of response.body ?? []) hash.update(chunk)
  return hash.digest('hex')
}

const pathOf = ({ bucket_id, name }) =>
  `object/${encodeURIComponent(bucket_id)}/${name.split('/').map(encodeURIComponent).join('/')}`

function ask({ url, key }, method, path, { json, body, headers = {} } = {}) {
  return fetch(`${url}/storage/v1/${path}`, {
    method,
    headers: {
      apikey: key,
      authorization: `Bearer ${key}`,
      ...(json ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(json ? { body: JSON.stringify(json) } : body ? { body, duplex: 'half' } : {}),
  })
}

async function refused(response, what) {
  return new Error(`${what}: ${response.status} ${(await response.text()).slice(0, 300)}`)
}
