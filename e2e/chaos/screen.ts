import type { Message } from '@/features/messages/schema'
import { keepScreenshot } from '../browser'
import type { Member } from '../crowd'
import { watchDoubles } from '../doubles'
import type { Person } from '../person'
import type { Proxy as FaultProxy } from '../proxy'
import { seat } from '../seat'
import { t } from '../texts'
import type { Act } from './plan'
import { same, type Truth } from './truth'

/** How many rows at the end of the channel are compared: those that are drawn wherever the window is. */
const ROWS = 8
/** What a hand cannot do by then is left: others wait for their turn. */
const HAND_MS = 3_000
const OPEN_MS = 20_000

type Options = {
  person: Person
  member: Member
  slug: string
  channel: { id: string; name: string }
  proxy: FaultProxy
}

/** One person before a real browser: they read and write in the busy channel, and every change of the page is watched. */
export async function openScreen({ person, member, slug, channel, proxy }: Options) {
  // Lines that break show in the console; here they are the point.
  person.expectProblem(/./)
  const doubles = await watchDoubles(person.page, t('messages.rowDeleted', { name: '' }))
  const drawnTwice = new Set<string>()
  const path = `/w/${slug}/c/${channel.id}`
  await seat(person, member, path)
  await person.composer(channel.name).waitFor()
  let count = 0
  let working = Promise.resolve()
  /** One hand: what is done is done one after the other, and what the page cannot do now is left. */
  const next = (work: () => Promise<unknown>) => {
    working = working.then(work).then(
      () => {},
      () => {},
    )
  }
  /** Starts again with what is on disk, like a browser that crashed. */
  const reopen = () =>
    person.page.goto(path, { waitUntil: 'domcontentloaded', timeout: OPEN_MS }).catch(() => null)
  const type = async (text: string) => {
    const field = person.composer(channel.name)
    await field.fill(text, { timeout: HAND_MS })
    await field.press('Enter', { timeout: HAND_MS })
  }
  const keepDoubles = async () => {
    for (const double of await doubles()) drawnTwice.add(double)
  }

  return {
    name: person.name,
    proxy,
    act(act: Act) {
      if (act === 'send') next(() => type(`${person.name} types ${++count}`))
    },
    sleep: () => proxy.silence('both'),
    wake: () => proxy.restore(),
    crash: () =>
      next(async () => {
        await keepDoubles()
        await reopen()
      }),
    refreshToken() {},
    connected: () => proxy.isConnected(),
    async calm() {
      await working
      // The browser's own page for a server that does not answer: people try again.
      if (person.page.url().startsWith('chrome-error:')) await reopen()
      await toTheEnd(person)
      return proxy.isConnected() && (await allStored(person))
    },
    /** In words, for a run that does not come to rest. */
    async describe() {
      const rows = person.timeline.locator('article[data-state="pending"]')
      const waiting = await rows.allInnerTexts().catch(() => 'no timeline')
      await keepScreenshot(person.page, `chaos ${person.name} is not calm`)
      return `${person.name}: at ${person.page.url()}, waiting ${JSON.stringify(waiting)}`
    },
    /** What is drawn now at the end of the channel. */
    async look() {
      await toTheEnd(person)
      return drawn(person)
    },
    /** Where that differs from the database. */
    async differences(look: Awaited<ReturnType<typeof drawn>>, truth: Truth): Promise<string[]> {
      const expected = (truth.timelines.get(channel.id) ?? []).slice(-ROWS).map((row) => draw(row, truth))
      const shown = look.slice(-expected.length)
      const wrong = shown.findIndex((row, index) => !same(row, expected[index]))
      if (shown.length === expected.length && wrong < 0) return []
      await keepScreenshot(person.page, `chaos ${person.name}`)
      return [`${person.name} shows ${JSON.stringify(shown[wrong])}, not ${JSON.stringify(expected[wrong])}`]
    },
    async drawnTwice() {
      await keepDoubles()
      return [...drawnTwice]
    },
  }
}

export type Screen = Awaited<ReturnType<typeof openScreen>>

/** What a row shows: its label, reactions with their counts, replies. */
function draw(row: Message, truth: Truth) {
  const name = truth.names.get(row.user_id ?? '') ?? ''
  return {
    key: row.id,
    label: row.deleted_at
      ? t('messages.rowDeleted', { name })
      : t('messages.rowLabel', { name, body: row.body }),
    reactions: Object.entries(row.reactions)
      .filter(([, people]) => people.length > 0)
      .map(([emoji, people]) => `${emoji}${people.length}`)
      .sort(),
    replies: row.reply_count > 0,
  }
}

const allStored = (person: Person) =>
  person.timeline
    .evaluate((feed) => feed.querySelector('article[data-state="pending"]') === null, undefined, {
      timeout: HAND_MS,
    })
    .catch(() => false)

/** A page that was opened again stands where reading stopped. */
async function toTheEnd(person: Person): Promise<void> {
  const jump = person.button(t('messages.jump'))
  if (await jump.isVisible()) await jump.click({ timeout: 1_000 }).catch(() => {})
  else {
    const end = (feed: Element) => feed.scrollTo(0, feed.scrollHeight)
    await person.timeline.evaluate(end, undefined, { timeout: HAND_MS }).catch(() => {})
  }
}

/** The rows as they are drawn now. Replies are told by how many it says there are. */
const drawn = (person: Person) =>
  person.timeline.evaluate((feed) =>
    [...feed.querySelectorAll<HTMLElement>('article[data-key]')].map((row) => ({
      key: row.dataset.key ?? '',
      label: row.getAttribute('aria-label') ?? '',
      reactions: [...row.querySelectorAll('button[aria-pressed]')]
        .filter((pill) => pill.querySelector('[data-figures]'))
        .map((pill) => `${pill.children[0]?.textContent}${pill.querySelector('[data-figures]')?.textContent}`)
        .sort(),
      replies: /\d+ repl(y|ies)/.test(row.textContent ?? ''),
    })),
  )
