import type { Response } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { sendFiles } from './files'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

const people = crew(['ada', 'grace'])

beforeAll(async () => {
  const members = (await makeCrowd(product, 2)) as [Member, Member]
  const made = await makeWorkspace(product, members, [{ name: 'cinema', kind: 'private' }])
  const path = `/w/${made.slug}/c/${made.channelIds[0]}`
  await seat(people.ada, members[0], path)
  await seat(people.grace, members[1], path)
  await people.ada.composer('cinema').waitFor()
  await people.grace.composer('cinema').waitFor()
})

/** Two seconds of a square that changes its colour, as a browser records them. */
const film = async () => {
  const base64 = await people.ada.page.evaluate(async () => {
    const canvas = document.createElement('canvas')
    canvas.width = 160
    canvas.height = 120
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' })
    const parts: Blob[] = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    const stopped = new Promise((resolve) => {
      recorder.onstop = resolve
    })
    recorder.start()
    const begin = performance.now()
    await new Promise<void>((resolve) => {
      const draw = (now: number) => {
        context.fillStyle = `hsl(${(now - begin) / 6} 80% 50%)`
        context.fillRect(0, 0, 160, 120)
        if (now - begin > 2_000) resolve()
        else requestAnimationFrame(draw)
      }
      requestAnimationFrame(draw)
    })
    recorder.stop()
    await stopped
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''))
  })
  return { name: 'colours.webm', mimeType: 'video/webm', buffer: Buffer.from(base64, 'base64') }
}

const SECONDS = 70
const RATE = 44_100
/** A tone in two channels, as a file that says where every second of it is: 12 MB, more than a player loads ahead. */
function tone() {
  const frames = SECONDS * RATE
  const buffer = Buffer.alloc(44 + frames * 4)
  buffer.write('RIFF', 0)
  buffer.writeUInt32LE(36 + frames * 4, 4)
  buffer.write('WAVEfmt ', 8)
  buffer.writeUInt32LE(16, 16)
  buffer.writeUInt16LE(1, 20)
  buffer.writeUInt16LE(2, 22)
  buffer.writeUInt32LE(RATE, 24)
  buffer.writeUInt32LE(RATE * 4, 28)
  buffer.writeUInt16LE(4, 32)
  buffer.writeUInt16LE(16, 34)
  buffer.write('data', 36)
  buffer.writeUInt32LE(frames * 4, 40)
  const second = Buffer.alloc(RATE * 4)
  for (let frame = 0; frame < RATE; frame++) {
    const value = Math.round(3_000 * Math.sin((frame * 440 * 2 * Math.PI) / RATE))
    second.writeInt16LE(value, frame * 4)
    second.writeInt16LE(value, frame * 4 + 2)
  }
  for (let at = 0; at < SECONDS; at++) second.copy(buffer, 44 + at * RATE * 4)
  return { name: 'tone.wav', mimeType: 'audio/wav', buffer }
}

/** What was asked of storage for a player, and how it was answered. */
function watchParts() {
  const parts: { status: number; from: number; of: number }[] = []
  const heard = async (response: Response) => {
    if (!response.url().includes('/storage/v1/object/sign/')) return
    const [, from = '0', of = '0'] =
      /^bytes (\d+)-\d+\/(\d+)$/.exec((await response.headerValue('content-range')) ?? '') ?? []
    parts.push({ status: response.status(), from: Number(from), of: Number(of) })
  }
  people.grace.page.on('response', (response) => void heard(response).catch(() => {}))
  return parts
}

const play = (name: string) =>
  people.grace
    .message(name)
    .getByRole('button', { name: t('attachments.play', { name }) })
    .click()

test('a film that a browser recorded is played, and asked for in parts', async () => {
  const { ada, grace } = people
  const file = await film()
  await sendFiles(ada, 'cinema', 'Look at colours.webm', file)
  await grace.message('colours.webm').waitFor()
  expect(await grace.page.locator('video').count()).toBe(0)
  const parts = watchParts()
  await play('colours.webm')
  const video = grace.message('colours.webm').locator('video')
  await video.waitFor()
  await expect
    .poll(() => video.evaluate((element) => (element as HTMLVideoElement).currentTime), { timeout: 20_000 })
    .toBeGreaterThan(0.5)
  expect(
    await video.evaluate((element) => {
      const { videoWidth, videoHeight, error } = element as HTMLVideoElement
      return { videoWidth, videoHeight, error }
    }),
  ).toEqual({ videoWidth: 160, videoHeight: 120, error: null })
  // What is on the screen is the film and not a black field.
  const colour = await video.evaluate((element) => {
    const canvas = document.createElement('canvas')
    canvas.width = 1
    canvas.height = 1
    const context = canvas.getContext('2d')
    context?.drawImage(element as HTMLVideoElement, 0, 0, 1, 1)
    return [...(context?.getImageData(0, 0, 1, 1).data ?? [])]
  })
  expect(Math.max(...colour.slice(0, 3))).toBeGreaterThan(100)
  expect(parts.map(({ status }) => status)).toContain(206)
  expect(parts.find(({ status }) => status === 206)?.of).toBe(file.buffer.length)
})

test('a long recording is heard from the place one jumps to, without what is before it', async () => {
  const { ada, grace } = people
  const file = tone()
  await sendFiles(ada, 'cinema', 'Listen to tone.wav', file)
  await grace.message('tone.wav').waitFor()
  const parts = watchParts()
  await play('tone.wav')
  const audio = grace.message('tone.wav').locator('audio')
  const at = () => audio.evaluate((element) => (element as HTMLAudioElement).currentTime)
  await expect.poll(at, { timeout: 20_000 }).toBeGreaterThan(0.2)
  expect(await audio.evaluate((element) => (element as HTMLAudioElement).duration)).toBeCloseTo(SECONDS, 0)
  await audio.evaluate((element) => {
    ;(element as HTMLAudioElement).currentTime = 65
  })
  await expect.poll(at, { timeout: 20_000 }).toBeGreaterThan(65.2)
  const jump = parts.find(({ from }) => from > 0)
  expect(jump).toMatchObject({ status: 206, of: file.buffer.length })
  expect(jump?.from).toBeGreaterThan(60 * RATE * 4)
  expect(await audio.evaluate((element) => (element as HTMLAudioElement).error)).toBeNull()
})
