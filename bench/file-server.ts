import { randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Writes each body to a file, syncs it, and answers: what a disk and one process do with the same bytes, and no more. */
const server = createServer(async (request, response) => {
  const path = join(tmpdir(), `bench-${randomUUID()}`)
  const file = await open(path, 'wx')
  // Nameless from the beginning: it goes with the process.
  await unlink(path)
  for await (const chunk of request) await file.writeFile(chunk)
  await file.sync()
  await file.close()
  response.writeHead(200, { 'content-length': 2 }).end('{}')
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.send?.({ port: address.port })
})
