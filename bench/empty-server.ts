import { createServer } from 'node:http'

/** Answers 201 to everything at once: what the generator reaches against it is the generator's own ceiling. */
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => response.writeHead(201, { 'content-length': 2 }).end('[]'))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.send?.({ port: address.port })
})
