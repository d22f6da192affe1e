import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './api'
import { crew } from './crew'
import type { Person } from './person'
import { type Product, startProduct } from './product'
import { root } from './server'
import { t } from './texts'

/** The front end alone, and on another origin what stands in for a Supabase project. All specs: `E2E_MODE=supabase`. */
let product: Product
beforeAll(async () => {
  product = await startProduct({ form: 'supabase' })
})
afterAll(() => product?.stop())

const people = crew(['ada', 'grace'], { url: () => product.url })
const workspace = 'Two Origins'
const asked = new Set<string>()

test('two people who sign up there meet in a workspace', async () => {
  const { ada, grace } = people
  for (const { page } of [ada, grace]) {
    page.on('request', (request) => note(request.url()))
    page.on('websocket', (socket) => note(socket.url()))
  }
  await ada.signUp()
  // A project may send mails, so the app does not say that it cannot: it asks the project whether it needs to.
  await ada.createWorkspace(workspace)
  await ada.composer('general').waitFor()
  await grace.joinAsNewcomer(await ada.invite(workspace))
  await grace.composer('general').waitFor()
})

test('messages arrive without a reload, and are there after one', async () => {
  const { ada, grace } = people
  await ada.say('general', 'Hello from the other origin')
  await grace.message('Hello from the other origin').waitFor()
  await grace.say('general', 'Heard you')
  await ada.message('Heard you').waitFor()
  await ada.messageMenu('Hello from', t('messages.edit'))
  const editor = ada.page.getByRole('textbox', { name: t('composer.editLabel') })
  await editor.fill('Hello across')
  await editor.press('Enter')
  await grace.message('Hello across').waitFor()
  await grace.page.reload()
  await grace.message('Hello across').waitFor()
  await grace.message('Heard you').waitFor()
})

test('each is seen to be there, on a private topic', async () => {
  const { ada, grace } = people
  await ada.openWorkspaceMenu(workspace)
  await ada.chooseFromMenu(t('app.people'))
  const row = ada.page.getByRole('listitem').filter({ hasText: grace.displayName })
  await row.getByText(t('app.online')).waitFor()
})

test('the browsers went to the project itself, and the site passes the documented paths on', async () => {
  const project = new URL(product.projectUrl).host
  expect([...asked].sort()).toEqual([`${project}/auth`, `${project}/realtime`, `${project}/rest`])
  const headers = { apikey: product.secrets.publishableKey }
  const settings = await fetch(`${product.url}/auth/v1/settings`, { headers })
  expect(await settings.json()).toMatchObject({ disable_signup: false })
})

test('with the other transport a message comes on the private topic of its channel', async () => {
  const { ada, grace } = people
  const env = { ...process.env, DATABASE_URL: product.secrets.databaseUrl }
  const command = [join(root, 'bin/realtime.mjs'), 'broadcast']
  const { stdout } = await promisify(execFile)(process.execPath, command, { env })
  expect(stdout).toBe('Clients hear of changes by broadcast.\n')
  const channel = new URL(grace.page.url()).pathname.split('/').at(-1)

  // The first start learns of it, the second begins with it.
  await grace.page.reload()
  await grace.composer('general').waitFor()
  await grace.page.waitForFunction(() => JSON.stringify({ ...localStorage }).includes('broadcast'))
  const frames = await joined(grace, () => grace.page.reload())
  // Answered: what is said before that is not heard, but asked for.
  await eventually('Grace joined the channel’s topic', () =>
    frames.some(
      (text) => text.includes(`changes:channel:${channel}"`) && /"phx_reply".*"status":"ok"/.test(text),
    ),
  )
  expect(frames.filter((text) => text.includes('realtime:sync:'))).toEqual([])
  await ada.openChannel('general')
  await ada.say('general', 'On a topic of its own')
  await grace.message('On a topic of its own').waitFor()
  // Not asked for: heard.
  await eventually('it came over the socket', () =>
    frames.some(
      (text) => text.includes(`changes:channel:${channel}`) && text.includes('On a topic of its own'),
    ),
  )
})

/**
 * Does something that opens a document, and returns what is said on its sockets both ways, growing. The document before may
 * open one until then: it is not meant.
 */
async function joined({ page }: Person, work: () => Promise<unknown>): Promise<string[]> {
  const frames: string[] = []
  const keep = ({ payload }: { payload: string | Buffer }) => void frames.push(String(payload))
  page.once('framenavigated', () =>
    page.on('websocket', (socket) => socket.on('framesent', keep).on('framereceived', keep)),
  )
  await work()
  return frames
}

function note(address: string) {
  const { host, pathname } = new URL(address)
  const [, service] = /^\/(\w+)\/v1\//.exec(pathname) ?? []
  if (service) asked.add(`${host}/${service}`)
}
