// The site's process: Next.js in `folder`, or its development server. It ends with the process that started it,
// also when that was killed: the channel between the two closes then.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

process.on('disconnect', () => process.exit(0))

const [folder, mode] = process.argv.slice(2)
if (mode === 'dev') {
  const next = join(folder, 'node_modules/next/dist/bin/next')
  process.argv = [
    process.execPath,
    next,
    'dev',
    folder,
    '--hostname',
    '127.0.0.1',
    '--port',
    process.env.PORT,
  ]
  await import(pathToFileURL(next))
} else {
  await import(pathToFileURL(join(folder, 'server.js')))
}
