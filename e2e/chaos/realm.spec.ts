import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext, Script } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { createProfile } from './profile'
import { openRealm, type Realm } from './realm'

type Globals = Window & typeof globalThis & { done: string[] }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const open: Realm[] = []
afterEach(() => {
  for (const realm of open.splice(0)) realm.stop()
})

function openPage(profile = createProfile(), origin = 'http://127.0.0.1') {
  const realm = openRealm(origin, profile, new Script('done = []'))
  open.push(realm)
  return { realm, page: realm.context as unknown as Globals }
}

test('a page that died takes no lock, whatever of it still runs', async () => {
  const profile = createProfile()
  const first = openPage(profile)
  first.realm.stop()
  void first.page.navigator.locks.request('outbox', () => new Promise(() => {}))
  const { page } = openPage(profile)
  await page.navigator.locks.request('outbox', async () => void page.done.push('sent'))
  expect(page.done).toEqual(['sent'])
})

test('a page that dies lets go of the locks it holds and of those it waits for', async () => {
  const profile = createProfile()
  const [first, second, third] = [openPage(profile), openPage(profile), openPage(profile)]
  const hold = ({ page }: typeof first, name: string) =>
    page.navigator.locks.request('outbox', () => {
      page.done.push(name)
      return new Promise(() => {})
    })
  void hold(first, 'first')
  void hold(second, 'second')
  void hold(third, 'third')
  await expect.poll(() => first.page.done).toEqual(['first'])
  second.realm.stop()
  first.realm.stop()
  await expect.poll(() => third.page.done).toEqual(['third'])
  expect(second.page.done).toEqual([])
})

test('a request that the page gives up ends, also when it or its body stood for long', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/body') response.writeHead(200).write('[')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const { page } = openPage(undefined, `http://127.0.0.1:${port}`)
  const limit = new AbortController()
  const ask = (path: string) =>
    page.fetch(path, { method: 'POST', body: '{}', signal: limit.signal }).then((answer) => answer.text())
  const asked = ['/', '/body'].map((path) => ask(path).catch((error) => page.done.push(error.message)))
  const connections = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
  await expect.poll(connections).toBe(2)
  // What nobody holds is collected, and must not be what the limit hangs on.
  for (let turn = 0; turn < 5; turn++) {
    collect()
    await new Promise(setImmediate)
  }
  limit.abort(new Error('given up'))
  await Promise.all(asked)
  expect(page.done).toEqual(['given up', 'given up'])
  server.closeAllConnections()
  server.close()
})
