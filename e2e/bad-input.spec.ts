import type { Locator } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, openDatabase } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { PASSWORD, type Person } from './person'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

const people = crew(['ada', 'newcomer'])
let member: Member
let slug: string
let workspaceId: string
let channelId: string
let cellarId: string

beforeAll(async () => {
  const [first] = await makeCrowd(product, 1)
  member = first as Member
  const made = await makeWorkspace(
    product,
    [member],
    [
      { name: 'shelf', kind: 'public' },
      { name: 'cellar', kind: 'public' },
    ],
  )
  slug = made.slug
  workspaceId = made.workspaceId
  ;[channelId, cellarId] = made.channelIds as [string, string]
})

/** What is wrong stands at the field, the field says so, and what was typed is still in it. */
async function expectProblem(field: Locator, problem: string, typed: string) {
  await eventually(`the field says “${problem}”`, async () => {
    const note = await field.getAttribute('aria-describedby')
    const text = await field.page().locator(`[id="${note}"]`).textContent()
    return text?.includes(problem)
  })
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  expect(await field.inputValue()).toBe(typed)
}

describe('signing up', () => {
  const submit = (person: Person) => person.button(t('auth.createAccount')).click()

  test('nothing filled in, only spaces, half an address', async () => {
    const { newcomer } = people
    await newcomer.page.goto('/sign-up')
    await newcomer.field(t('auth.name')).fill('\u200b \u00a0')
    await newcomer.field(t('auth.email')).fill('ada@')
    await submit(newcomer)
    await expectProblem(newcomer.field(t('auth.name')), t('errors.name_blank'), '\u200b \u00a0')
    await expectProblem(newcomer.field(t('auth.email')), t('errors.email_address_invalid'), 'ada@')
    await expectProblem(newcomer.field(t('auth.password')), t('errors.password_blank'), '')
  })

  test('a weak and an over-long password', async () => {
    const { newcomer } = people
    await newcomer.fillSignUp('short')
    await submit(newcomer)
    await expectProblem(newcomer.field(t('auth.password')), t('errors.password_short'), 'short')
    // 37 characters, 74 bytes: bcrypt would not read the last two.
    const long = 'ü'.repeat(37)
    await newcomer.field(t('auth.password')).fill(long)
    await submit(newcomer)
    await expectProblem(newcomer.field(t('auth.password')), t('errors.password_long'), long)
  })

  test('an address that has an account', async () => {
    const { newcomer } = people
    await newcomer.fillSignUp()
    await newcomer.field(t('auth.email')).fill(member.email)
    newcomer.expectProblem(/status of 422/)
    await submit(newcomer)
    await expectProblem(newcomer.field(t('auth.email')), t('errors.user_already_exists'), member.email)
  })

  test('signing in with a wrong password', async () => {
    const { newcomer } = people
    await newcomer.page.goto('/sign-in')
    await newcomer.field(t('auth.email')).fill(member.email)
    await newcomer.field(t('auth.password')).fill(PASSWORD)
    newcomer.expectProblem(/status of 400/)
    await newcomer.button(t('auth.signIn')).click()
    await expectProblem(newcomer.field(t('auth.password')), t('errors.invalid_credentials'), PASSWORD)
  })
})

describe('invitations that lead nowhere', () => {
  const invitation = async (change: object) => {
    const sql = openDatabase(product)
    const claims = JSON.stringify({ sub: member.userId, role: 'authenticated' })
    const made = await sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', ${claims}, true)`
      const [row] = await tx`select public.create_invitation(workspace_id => ${workspaceId}) as made`
      return row?.made as { id: string; code: string }
    })
    await sql`update public.invitations set ${sql(change as never)} where id = ${made.id}`
    await sql.end()
    return made.code
  }

  test.each([
    ['expired', { expires_at: new Date(Date.now() - 1000) }, 'invitation_expired'],
    ['used up', { max_uses: 1, uses: 1 }, 'invitation_used_up'],
    ['withdrawn', { revoked_at: new Date() }, 'invitation_revoked'],
  ] as const)('%s', async (_, change, problem) => {
    const { newcomer } = people
    newcomer.expectProblem(/status of 4\d\d/)
    await newcomer.page.goto(`/join/${await invitation(change)}`)
    await newcomer.page.getByRole('heading', { name: t(`invitations.problem.${problem}`) }).waitFor()
    await newcomer.page.getByText(t(`invitations.problem.${problem}_text`)).waitFor()
  })

  test('never made', async () => {
    const { newcomer } = people
    await newcomer.page.goto('/join/no-such-code')
    await newcomer.page
      .getByRole('heading', { name: t('invitations.problem.invitation_not_found') })
      .waitFor()
  })
})

describe('names', () => {
  test('a workspace address that is taken, and one that is kept', async () => {
    const { ada } = people
    ada.expectProblem(/status of 4\d\d/)
    await seat(ada, member, '/create-workspace')
    const address = ada.field(t('workspaces.address'))
    await ada.field(t('workspaces.name')).fill('Second')
    await address.fill(slug)
    await ada.button(t('workspaces.create')).click()
    await expectProblem(address, t('errors.workspace_slug_taken'), slug)
    await address.fill('api')
    await ada.button(t('workspaces.create')).click()
    await expectProblem(address, t('errors.workspace_slug_reserved'), 'api')
    await ada.field(t('workspaces.name')).fill('   ')
    await ada.button(t('workspaces.create')).click()
    await expectProblem(ada.field(t('workspaces.name')), t('errors.name_blank'), '   ')
  })

  test('a channel name that is taken, and one that is kept for mentions', async () => {
    const { ada } = people
    await ada.page.goto(`/w/${slug}/c/${channelId}`)
    await ada.composer('shelf').waitFor()
    await ada.button(t('app.addChannel')).click()
    await ada.chooseFromMenu(t('app.createChannel'))
    const name = ada.field(t('channels.name'))
    for (const [typed, problem] of [
      ['shelf', t('errors.channel_name_taken')],
      ['everyone', t('errors.channel_name_reserved')],
    ] as const) {
      await name.fill(typed)
      await ada.button(t('channels.create')).click()
      await expectProblem(name, problem, typed)
    }
    await ada.page.keyboard.press('Escape')
  })
})

describe('messages', () => {
  test('only spaces: a word, and no message', async () => {
    const { ada } = people
    const composer = ada.composer('shelf')
    await composer.fill('  \n ')
    await composer.press('Enter')
    await ada.page.getByText(t('composer.blank')).waitFor()
    expect(await composer.inputValue()).toBe('  \n ')
  })

  test('40,001 characters: told how many too many, nothing cut off, 40,000 go through', async () => {
    const { ada } = people
    const composer = ada.composer('shelf')
    // Characters, not UTF-16 units: each of these is two.
    const text = `begin ${'𝕏'.repeat(39_995)}`
    await composer.fill(text)
    await composer.press('Enter')
    await ada.page.getByText(t('composer.tooLong', { over: 1 })).waitFor()
    expect(await composer.inputValue()).toBe(text)
    expect(await ada.message('begin').count()).toBe(0)
    await composer.fill(text.slice(0, -2))
    await composer.press('Enter')
    await ada.message('begin').waitFor()
    expect(await composer.inputValue()).toBe('')
  })

  test('a channel that was archived meanwhile: the message stays, with the reason', async () => {
    const { ada } = people
    ada.expectProblem(/status of 4\d\d|ERR_FAILED/)
    // A channel of its own: behind a message that still waits, the next one does not try.
    await ada.openChannel('cellar')
    let away = true
    await ada.page.route('**/rest/v1/messages**', (route) => (away ? route.abort() : route.continue()))
    await ada.say('cellar', 'too late')
    await ada.message('too late').getByText(t('messages.waiting')).waitFor()
    const sql = openDatabase(product)
    await sql`update public.channels set archived_at = now() where id = ${cellarId}`
    await sql.end()
    await ada.page.getByText(t('conversation.archived')).waitFor()
    away = false
    await ada.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await ada.message('too late').getByText(t('errors.channel_archived')).waitFor()
    await ada
      .message('too late')
      .getByRole('button', { name: t('messages.retry') })
      .waitFor()
  })
})
