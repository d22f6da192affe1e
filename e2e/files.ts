import type { Page } from 'playwright-core'
import sharp from 'sharp'
import type { Person } from './person'
import { t } from './texts'

export type Sent = { name: string; mimeType: string; buffer: Buffer }

const picture = (width: number, height: number, colour: string) =>
  sharp({ create: { width, height, channels: 3, background: colour } })
export const png = async (name: string, width: number, height: number, colour = 'teal'): Promise<Sent> => ({
  name,
  mimeType: 'image/png',
  buffer: await picture(width, height, colour).png().toBuffer(),
})
/** As a phone takes it: turned, with where and with what. */
export const photo = async (name: string): Promise<Sent> => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await picture(800, 600, 'olive')
    .jpeg()
    .withExif({
      IFD0: { Make: 'Camera', Model: 'Phone' },
      IFD3: {
        ...{ GPSLatitudeRef: 'N', GPSLatitude: '48/1 12/1 30/1' },
        ...{ GPSLongitudeRef: 'E', GPSLongitude: '16/1 22/1 23/1' },
      },
    })
    .toBuffer(),
})
export const text = (name: string, body: string): Sent => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(body),
})

export const attach = (person: Person, ...files: Sent[]) =>
  person.page.locator('main input[data-attach]').setInputFiles(files)
export const tray = ({ page }: Person) => page.getByRole('list', { name: t('attachments.waiting') })
export const chip = (person: Person, name: string) =>
  tray(person).getByRole('listitem').filter({ hasText: name })
export const ready = (person: Person, name: string) =>
  chip(person, name).locator('[data-state="ready"]').waitFor()

export async function sendFiles(person: Person, channel: string, body: string, ...files: Sent[]) {
  await attach(person, ...files)
  for (const { name } of files) await ready(person, name)
  await person.say(channel, body)
  await person.stored(body)
}
export const shown = (person: Person, name: string) =>
  person.timeline.getByRole('button', { name: t('attachments.open', { name }) })
export const lightbox = (person: Person, name: string) => person.dialog(name)

/** The bytes that a click saves. */
export async function download(page: Page, click: () => Promise<void>) {
  const [saved] = await Promise.all([page.waitForEvent('download'), click()])
  const parts: Buffer[] = []
  for await (const part of await saved.createReadStream()) parts.push(part as Buffer)
  return { name: saved.suggestedFilename(), bytes: Buffer.concat(parts) }
}
