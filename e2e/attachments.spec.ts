import { load as readTags } from 'exifreader'
import type { Dialog } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { clientFor, eventually, openDatabase } from './api'
import { checkThemes } from './axe'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { attach, chip, download, lightbox, photo, png, ready, sendFiles, shown, text, tray } from './files'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

/** Two people in a private channel, and a third of the same workspace who is not in it. */
const people = crew(['ada', 'grace', 'eve'])
let members: [Member, Member, Member]
let channelId: string
let path: string
let database: ReturnType<typeof openDatabase>

beforeAll(async () => {
  members = (await makeCrowd(product, 3)) as typeof members
  const made = await makeWorkspace(product, members, [
    { name: 'design', kind: 'private', members: members.slice(0, 2) },
  ])
  channelId = made.channelIds[0] as string
  path = `/w/${made.slug}/c/${channelId}`
  database = openDatabase(product)
  await seat(people.ada, members[0], path)
  await seat(people.grace, members[1], path)
  await seat(people.eve, members[2], `/w/${made.slug}`)
  await people.ada.composer('design').waitFor()
  await people.grace.composer('design').waitFor()
})
afterAll(() => database?.end())
beforeEach(async () => {
  for (const person of [people.ada, people.grace]) await person.page.bringToFront()
})

async function stored(name: string) {
  const [row] = await database`select id, path, message_id, width, height, type, size::int, alt
    from public.attachments where name = ${name} and message_id is not null`
  return row as { id: string; path: string; width: number; height: number; type: string } | undefined
}
const bucketOf = (member: Member) =>
  clientFor(product.url, product.secrets.publishableKey, member).storage.from('attachments')

test('a photo arrives in its size, without where it was taken', async () => {
  const { ada, grace } = people
  const original = await photo('harbour.jpg')
  expect(readTags(original.buffer, { expanded: true }).gps).toMatchObject({ Latitude: expect.any(Number) })
  await sendFiles(ada, 'design', 'From the harbour', original)
  const image = shown(grace, 'harbour.jpg').getByRole('img')
  await image.waitFor()
  const box = await shown(grace, 'harbour.jpg').boundingBox()
  expect([box?.width, box?.height]).toEqual([360, 270])
  expect(await stored('harbour.jpg')).toMatchObject({ width: 800, height: 600, type: 'image/jpeg' })

  await shown(grace, 'harbour.jpg').focus()
  await grace.page.keyboard.press('Enter')
  await lightbox(grace, 'harbour.jpg').getByRole('img').waitFor()
  const saved = await download(grace.page, () =>
    lightbox(grace, 'harbour.jpg')
      .getByRole('button', { name: /^Download/ })
      .click(),
  )
  expect(saved.name).toBe('harbour.jpg')
  const tags = readTags(saved.bytes, { expanded: true })
  expect([tags.gps, tags.exif, tags.xmp]).toEqual([undefined, undefined, undefined])
  expect(await sharp(saved.bytes).metadata()).toMatchObject({ width: 800, height: 600, format: 'jpeg' })
  await grace.page.keyboard.press('Escape')
  await lightbox(grace, 'harbour.jpg').waitFor({ state: 'detached' })
  await eventually('the focus is back on the picture', () =>
    shown(grace, 'harbour.jpg').evaluate((button) => button === document.activeElement),
  )
})

test('several pictures are paged with the arrows, zoomed, and described', async () => {
  const { ada, grace } = people
  const files = [
    await png('one.png', 300, 200),
    await png('two.png', 200, 300, 'plum'),
    await png('three.png', 64, 64),
  ]
  await sendFiles(ada, 'design', 'Three of them', ...files)
  await shown(ada, 'two.png').click()
  await lightbox(ada, 'two.png').waitFor()
  await ada.page.keyboard.press('ArrowRight')
  await lightbox(ada, 'three.png').waitFor()
  await ada.page.keyboard.press('ArrowLeft')
  await ada.page.keyboard.press('ArrowLeft')
  await lightbox(ada, 'one.png').waitFor()
  await ada.page.keyboard.press('+')
  await ada.button(t('attachments.zoomOut')).waitFor()
  await ada.page.keyboard.press('-')
  await ada.button(t('attachments.zoomIn')).waitFor()
  await ada.button(t('attachments.addAlt')).click()
  await ada.field(t('attachments.alt')).fill('A green wall')
  await ada.button(t('attachments.saveAlt')).click()
  await ada.button(t('attachments.editAlt')).waitFor()
  await ada.page.keyboard.press('Escape')
  // The description travels with the message, without a reload.
  await shown(grace, 'A green wall').getByRole('img', { name: 'A green wall' }).waitFor()
})

test('a picture is described before it is sent', async () => {
  const { ada, grace } = people
  await attach(ada, await png('bridge.png', 120, 80))
  const describe = chip(ada, 'bridge.png').getByRole('button', {
    name: t('attachments.describe', { name: 'bridge.png' }),
  })
  await describe.click()
  await ada.field(t('attachments.alt')).fill('A bridge in the fog')
  await checkThemes(ada)
  await ada.button(t('attachments.saveAlt')).click()
  await ada.dialog().waitFor({ state: 'detached' })
  expect(await describe.getAttribute('aria-pressed')).toBe('true')
  await ready(ada, 'bridge.png')
  await ada.say('design', 'Over the river')
  await ada.stored('Over the river')
  await shown(grace, 'A bridge in the fog').getByRole('img', { name: 'A bridge in the fog' }).waitFor()
  expect(await stored('bridge.png')).toMatchObject({ alt: 'A bridge in the fog' })
})

test('who is not in the channel gets nothing, where who is gets it', async () => {
  const file = await stored('harbour.jpg')
  if (!file) throw new Error('The photo is not stored')
  const [, grace, eve] = members
  const bare = clientFor(product.url, product.secrets.publishableKey).storage.from('attachments')
  for (const [bucket, sees] of [
    [bucketOf(grace), true],
    [bucketOf(eve), false],
    [bare, false],
  ] as const) {
    const bytes = await bucket.download(file.path)
    expect(bytes.data !== null).toBe(sees)
    const small = await bucket.download(file.path, { transform: { width: 50 } })
    expect(small.data !== null).toBe(sees)
    const address = await bucket.createSignedUrl(file.path, 60)
    expect(address.data !== null).toBe(sees)
    const listed = await bucket.list(channelId)
    expect(listed.data?.some(({ name }) => name === file.id) ?? false).toBe(sees)
    const copied = await bucket.copy(file.path, `${channelId}/${crypto.randomUUID()}`)
    expect(copied.error).not.toBeNull()
  }
  const rows = async (member: Member) => {
    const client = clientFor(product.url, product.secrets.publishableKey, member)
    return (await client.from('attachments').select('id').eq('id', file.id)).data?.length
  }
  expect([await rows(grace), await rows(eve)]).toEqual([1, 0])
  people.eve.expectProblem(/status of 404/)
  await people.eve.page.goto(path)
  await people.eve.page.getByText(t('errors.channel_not_found')).waitFor()
  expect(await people.eve.page.content()).not.toContain('harbour')
})

test('a deleted message takes its files and every address of them along', async () => {
  const { ada, grace } = people
  await sendFiles(ada, 'design', 'Not for long', await png('secret.png', 100, 80))
  await shown(grace, 'secret.png').getByRole('img').waitFor()
  const file = await stored('secret.png')
  if (!file) throw new Error('The picture is not stored')
  const { data } = await bucketOf(members[1]).createSignedUrl(file.path, 600)
  expect((await fetch(data?.signedUrl ?? '')).status).toBe(200)
  await ada.messageMenu('Not for long', t('messages.delete'))
  await ada.confirm(t('messages.delete'))
  await shown(grace, 'secret.png').waitFor({ state: 'detached' })
  expect((await fetch(data?.signedUrl ?? '')).status).toBeGreaterThanOrEqual(400)
  expect((await bucketOf(members[1]).download(file.path)).data).toBeNull()
  expect(await stored('secret.png')).toBeUndefined()
  expect(await database`select 1 from storage.objects where name = ${file.path}`).toEqual([])
})

test('an upload that breaks is tried again, one that takes long is cancelled', async () => {
  const { ada } = people
  const uploads = '**/storage/v1/object/attachments/**'
  ada.expectProblem(/ERR_FAILED/)
  await ada.page.route(uploads, (route) => route.abort())
  await attach(ada, text('plan.txt', 'step one'))
  await chip(ada, 'plan.txt')
    .getByRole('alert')
    .filter({ hasText: t('errors.network') })
    .waitFor()
  await ada.page.unroute(uploads)
  await ada.button(t('attachments.retry', { name: 'plan.txt' })).click()
  await ready(ada, 'plan.txt')

  await ada.page.route(uploads, () => {})
  await attach(ada, text('slow.txt', 'never there'))
  await chip(ada, 'slow.txt').getByRole('progressbar').waitFor()
  expect(await ada.button(t('composer.send')).isDisabled()).toBe(true)
  await ada.button(t('attachments.cancel', { name: 'slow.txt' })).click()
  await chip(ada, 'slow.txt').waitFor({ state: 'detached' })
  await ada.page.unroute(uploads)
  await ada.say('design', 'Only the plan')
  await ada.stored('Only the plan')
  await people.grace.message('Only the plan').getByText('plan.txt').waitFor()
  await eventually('nothing is left of what was cancelled', async () => {
    const rows = await database`select 1 from public.attachments where name = 'slow.txt'`
    return rows.length === 0
  })
})

test('what is too large, empty or refused says so', async () => {
  const { ada } = people
  await attach(ada, text('empty.txt', ''))
  await chip(ada, 'empty.txt').getByText(t('errors.attachment_empty')).waitFor()
  await ada.button(t('attachments.remove', { name: 'empty.txt' })).click()
  const uploads = '**/storage/v1/object/attachments/**'
  ada.expectProblem(/status of (507|413)/)
  for (const [status, said] of [
    [507, t('errors.storage_full')],
    [413, t('errors.attachment_too_large')],
  ] as const) {
    await ada.page.route(uploads, (route) =>
      route.fulfill({ status, json: { statusCode: String(status), error: 'x', message: 'x' } }),
    )
    await attach(ada, text('a.txt', 'a'))
    await chip(ada, 'a.txt').getByText(said).waitFor()
    await ada.page.unroute(uploads)
    await ada.button(t('attachments.remove', { name: 'a.txt' })).click()
    await tray(ada).waitFor({ state: 'detached' })
  }
})

test('a message with uploaded files waits for the network like any other', async () => {
  const { ada, grace } = people
  await attach(ada, text('offline.txt', 'kept'))
  await ready(ada, 'offline.txt')
  ada.expectProblem(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket/)
  await ada.context.setOffline(true)
  await ada.say('design', 'Written without a network')
  await ada.message('Written without a network').getByText('offline.txt').waitFor()
  await ada.context.setOffline(false)
  await grace.message('Written without a network').getByText('offline.txt').waitFor()
})

test('files are pasted and dropped, and outlive a reload', async () => {
  const { ada } = people
  const give = (kind: 'paste' | 'drop', name: string) =>
    ada.page.evaluate(
      ([type, fileName]) => {
        const data = new DataTransfer()
        data.items.add(new File(['pasted'], fileName as string, { type: 'text/plain' }))
        const field = document.querySelector('main textarea') as HTMLElement
        const options = { bubbles: true, cancelable: true }
        if (type === 'paste') {
          field.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }))
          return
        }
        const timeline = document.querySelector('main [role=log]') as HTMLElement
        for (const each of ['dragenter', 'dragover', 'drop']) {
          timeline.dispatchEvent(new DragEvent(each, { ...options, dataTransfer: data }))
        }
      },
      [kind, name],
    )
  await give('paste', 'pasted.txt')
  await ready(ada, 'pasted.txt')
  await give('drop', 'dropped.txt')
  await ready(ada, 'dropped.txt')
  await ada.page.reload()
  await ready(ada, 'pasted.txt')
  await ready(ada, 'dropped.txt')
  // Files alone are a message.
  await ada.composer('design').press('Enter')
  await people.grace.timeline.getByText('dropped.txt').waitFor()
})

test('whoever leaves in the middle of an upload is asked first', async () => {
  const { ada } = people
  const uploads = '**/storage/v1/object/attachments/**'
  await ada.page.route(uploads, () => {})
  await attach(ada, text('half.txt', 'half'))
  await chip(ada, 'half.txt').getByRole('progressbar').waitFor()
  // Browsers ask only on behalf of pages that somebody has used.
  await ada.composer('design').click()
  const leave = async () => {
    const [asked] = await Promise.all([
      ada.page.waitForEvent('dialog'),
      ada.page.evaluate(() => setTimeout(() => location.reload())),
    ])
    return asked
  }
  const asked = await leave()
  expect(asked.type()).toBe('beforeunload')
  await asked.dismiss()
  await ada.button(t('attachments.cancel', { name: 'half.txt' })).click()
  await chip(ada, 'half.txt').waitFor({ state: 'detached' })
  await ada.page.unroute(uploads)
  const questions: string[] = []
  const note = (dialog: Dialog) => {
    questions.push(dialog.type())
    void dialog.accept()
  }
  ada.page.on('dialog', note)
  await ada.page.reload()
  await ada.composer('design').waitFor()
  ada.page.off('dialog', note)
  expect(questions).toEqual([])
})

test('a picture that is deleted while it is looked at closes, and the keyboard stays at its message', async () => {
  const { ada, grace } = people
  await sendFiles(ada, 'design', 'Gone soon', await png('gone.png', 300, 200))
  await shown(grace, 'gone.png').focus()
  await grace.page.keyboard.press('Enter')
  await lightbox(grace, 'gone.png').getByRole('img').waitFor()
  await ada.messageMenu('Gone soon', t('messages.delete'))
  await ada.confirm(t('messages.delete'))
  await lightbox(grace, 'gone.png').waitFor({ state: 'detached' })
  await eventually('the focus is on the message', () =>
    grace.page.evaluate((said) => {
      const row = document.activeElement?.closest('article')
      return row?.textContent?.includes(said) ?? false
    }, t('messages.deleted')),
  )
})

test('a voice message is recorded, shown by its shape and played', async () => {
  const { ada, grace } = people
  await ada.button(t('attachments.record')).click()
  const recorder = ada.page.getByRole('region', { name: t('attachments.recording') })
  await recorder.getByText('0:01').waitFor()
  await ada.button(t('attachments.recordDone')).click()
  await tray(ada).locator('[data-state="ready"]').waitFor()
  await ada.say('design', 'Listen')
  await ada.stored('Listen')
  const voice = grace.message('Listen').getByRole('region', { name: t('attachments.voiceMessage') })
  await voice.waitFor()
  const shape = await database`select waveform, duration from public.attachments where kind = 'voice'`
  expect(shape[0]?.waveform.length).toBeGreaterThan(10)
  expect(shape[0]?.duration).toBeGreaterThan(0.5)
  // A second of sound may begin and end between two looks at the screen.
  await grace.page.evaluate(() => {
    const { play } = HTMLMediaElement.prototype
    HTMLMediaElement.prototype.play = function () {
      this.addEventListener('ended', () => {
        document.body.dataset.heard = String(this.duration)
      })
      return play.call(this)
    }
  })
  await voice.getByRole('button', { name: t('attachments.playVoice') }).click()
  await grace.page.locator('body[data-heard]').waitFor()
  await voice.getByRole('button', { name: t('attachments.playVoice') }).waitFor()
})

test('source is previewed in colours, and the channel lists its files', async () => {
  const { ada, grace } = people
  await sendFiles(ada, 'design', 'The script', text('run.py', 'def main():\n    return "done"\n'))
  const row = grace.message('The script')
  const preview = row.getByRole('button', { name: t('attachments.preview', { name: 'run.py' }) })
  // A timeline that has to be loaded anew begins without previews.
  await eventually('the preview is open', async () => {
    if ((await preview.getAttribute('aria-pressed')) !== 'true') await preview.click()
    return (await row.locator('.hljs-keyword').count()) > 0
  })
  const code = row.getByRole('region', { name: t('attachments.contents', { name: 'run.py' }) })
  await code.locator('.hljs-keyword', { hasText: 'def' }).waitFor()

  await grace.button(t('attachments.files')).click()
  const pane = grace.page.getByRole('complementary', { name: t('attachments.files') })
  await pane.getByText('run.py', { exact: true }).waitFor()
  await pane.getByRole('button', { name: t('attachments.open', { name: 'harbour.jpg' }) }).waitFor()
  await pane.getByRole('radio', { name: t('attachments.kind_image') }).check({ force: true })
  await pane.getByText('run.py', { exact: true }).waitFor({ state: 'detached' })
  // A picture leads to its message, too.
  await pane.getByRole('link', { name: t('attachments.toMessage', { name: 'harbour.jpg' }) }).click()
  await grace.message('From the harbour').waitFor()
  await grace.button(t('attachments.files')).click()
  // As a list it has a name and a size; that is remembered.
  await pane.getByRole('button', { name: t('attachments.asList') }).click()
  await pane.getByText('harbour.jpg', { exact: true }).waitFor()
  await grace.page.reload()
  await pane.getByText('harbour.jpg', { exact: true }).waitFor()
  await pane.getByRole('button', { name: t('attachments.open', { name: 'harbour.jpg' }) }).click()
  await lightbox(grace, 'harbour.jpg').getByRole('img').waitFor()
  await grace.page.keyboard.press('Escape')
  await pane.getByRole('button', { name: t('attachments.asGrid') }).click()
  await pane.getByText('harbour.jpg', { exact: true }).waitFor({ state: 'detached' })
  await pane.getByRole('radio', { name: t('attachments.kind_document') }).check({ force: true })
  await pane
    .getByRole('link', { name: t('attachments.toMessage', { name: 'run.py' }) })
    .first()
    .click()
  await grace.message('The script').waitFor()
})

test('a large file goes in parts and arrives whole', async () => {
  const { ada } = people
  const bytes = Buffer.alloc(13_000_000, 'large ')
  const parts: string[] = []
  ada.page.on('request', (request) => {
    if (request.url().includes('/upload/resumable')) parts.push(request.method())
  })
  await sendFiles(ada, 'design', 'All of it', {
    name: 'large.bin',
    mimeType: 'application/octet-stream',
    buffer: bytes,
  })
  expect(parts.filter((method) => method === 'PATCH').length).toBeGreaterThan(1)
  const file = await stored('large.bin')
  const { data } = await bucketOf(members[1]).download(file?.path ?? '')
  expect(bytes.equals(new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer()))).toBe(true)
})

test('a person gives themselves a picture, which everybody sees', async () => {
  const { ada, grace } = people
  await ada.page.goto(`${ada.workspacePath}/preferences`)
  await ada.page.locator('input[data-picture]').setInputFiles(await photo('me.jpg'))
  await ada.dialog(t('ui.cropTitle')).getByRole('slider').waitFor()
  await checkThemes(ada)
  // Looking at it in other sizes moved the square: once more as it comes.
  await ada.button(t('ui.cancel')).click()
  await ada.page.locator('input[data-picture]').setInputFiles(await photo('me.jpg'))
  await ada.button(t('ui.savePicture')).click()
  await ada.button(t('ui.changePicture')).waitFor()
  await grace.page.goto(path)
  const face = grace.timeline.locator('img[src^="/storage/v1/object/public/avatars/"]').first()
  await face.waitFor()
  const address = `${product.url}${await face.getAttribute('src')}`
  const picture = Buffer.from(await (await fetch(address)).arrayBuffer())
  expect(await sharp(picture).metadata()).toMatchObject({ width: 512, height: 512, format: 'webp' })
  await ada.button(t('ui.removePicture')).click()
  await ada.button(t('ui.addPicture')).waitFor()
  await eventually('the old picture is gone', async () => (await fetch(address)).status !== 200)
})

test('everything about files is accessible in both themes', async () => {
  const { ada } = people
  await ada.page.goto(path)
  await attach(
    ada,
    await png('waiting.png', 40, 40),
    text('a-very-long-name-'.repeat(12).concat('.txt'), 'x'),
  )
  await ready(ada, 'waiting.png')
  await shown(ada, 'A green wall').getByRole('img').waitFor()
  await checkThemes(ada)
  await ada.button(t('attachments.files')).click()
  await ada.page.getByRole('complementary').getByText('run.py', { exact: true }).waitFor()
  await checkThemes(ada)
  await ada.page.goto(path)
  // This is about how it looks; what a timeline that begins anew does to an open file is in previews.spec.ts. A click may
  // fall between two renderings of the row.
  await eventually('the picture is open', async () => {
    await shown(ada, 'A green wall')
      .click({ timeout: 5_000 })
      .catch(() => {})
    const picture = lightbox(ada, 'one.png').getByRole('img')
    return picture.waitFor({ timeout: 3_000 }).then(
      () => true,
      () => false,
    )
  })
  await checkThemes(ada)
})

test('whoever signs out leaves no picture behind', async () => {
  const { grace } = people
  await grace.page.goto(path)
  await shown(grace, 'harbour.jpg').getByRole('img').waitFor()
  const address = await shown(grace, 'harbour.jpg').getByRole('img').getAttribute('src')
  expect(address).toMatch(/^blob:/)
  await grace.button(/^Person 1 @/).click()
  await grace.chooseFromMenu(t('app.signOut'))
  await grace.page.waitForURL('**/sign-in')
  grace.expectProblem(/ERR_FILE_NOT_FOUND/)
  const still = await grace.page.evaluate(
    (url) =>
      new Promise((resolve) => {
        const image = new Image()
        image.onload = () => resolve(true)
        image.onerror = () => resolve(false)
        image.src = url
      }),
    address ?? '',
  )
  expect(still).toBe(false)
})

test('of many files the one that failed comes into sight, and a phone shows two pictures side by side', async () => {
  const { ada } = people
  await ada.page.goto(path)
  const pictures = await Promise.all(
    Array.from({ length: 14 }, (_, place) => png(`many-${place}.png`, 400, 300)),
  )
  await attach(ada, text('nothing.txt', ''), ...pictures, text('more.txt', 'x'), text('last.txt', ''))
  for (const { name } of pictures) await ready(ada, name)
  const inSight = (name: string) =>
    eventually(`${name} is in sight`, () =>
      chip(ada, name).evaluate((item) => {
        const [chip, list] = [item.getBoundingClientRect(), item.parentElement?.getBoundingClientRect()]
        return Boolean(list && chip.top >= list.top - 1 && chip.bottom <= list.bottom + 1)
      }),
    )
  await inSight('last.txt')
  for (const name of ['nothing.txt', 'last.txt']) await ada.button(t('attachments.remove', { name })).click()
  await ada.say('design', 'Very many')
  await ada.stored('Very many')
  const { width, height } = ada.page.viewportSize() ?? { width: 1280, height: 720 }
  await ada.page.setViewportSize({ width: 360, height: 740 })
  const tops = await Promise.all(
    ['many-0.png', 'many-1.png', 'many-2.png'].map((name) =>
      shown(ada, name).evaluate((button) => button.closest('li')?.offsetTop),
    ),
  )
  expect(new Set(tops).size).toBe(2)
  expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  await ada.page.setViewportSize({ width, height })
})
