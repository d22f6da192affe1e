import { describe, expect, test, vi } from 'vitest'
import type { AppError } from '@/lib/errors'
import { type Attachment, MAX_FILES } from './schema'
import { Tray, type TrayPorts } from './tray'

const KEY = 'channel:'
const file = (name: string) => new File(['abc'], name, { type: 'text/plain' })
const offline: AppError = { code: 'network', status: 0, message: '' }
const attachment = (id: string): Attachment => ({ id, name: `${id}.txt`, type: 'text/plain', size: 1 })

function memory() {
  const map = new Map<string, string>()
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  }
}

function setUp(over: Partial<TrayPorts> = {}) {
  const ports = {
    prepare: vi.fn(async (body: File) => ({ name: body.name, type: 'text/plain', size: body.size, body })),
    create: vi.fn(async () => {}),
    upload: vi.fn(async () => {}),
    remove: vi.fn(async () => {}),
    describe: vi.fn(async () => {}),
    storage: memory(),
    storageKey: 'tray',
    ...over,
  }
  return { ports, tray: new Tray(ports) }
}
const settled = (tray: Tray, count: number) =>
  vi.waitFor(() => {
    const states = tray.list(KEY).map(({ state }) => state)
    expect(states).toHaveLength(count)
    expect(states).not.toContain('uploading')
  })

describe('files in the composer', () => {
  test('are announced, uploaded, and handed over once', async () => {
    const { ports, tray } = setUp()
    tray.add(KEY, 'channel', [file('a.txt'), file('b.txt')])
    await settled(tray, 2)
    expect(ports.create).toHaveBeenCalledTimes(2)
    expect(tray.take(KEY).map(({ name }) => name)).toEqual(['a.txt', 'b.txt'])
    expect(tray.take(KEY)).toEqual([])
  })

  test('are three uploads at a time', async () => {
    let open = 0
    let most = 0
    const gates: (() => void)[] = []
    const { tray } = setUp({
      upload: async () => {
        most = Math.max(most, ++open)
        await new Promise<void>((resolve) => gates.push(resolve))
        open -= 1
      },
    })
    tray.add(
      KEY,
      'channel',
      Array.from({ length: 7 }, (_, n) => file(`${n}.txt`)),
    )
    for (let done = 0; done < 7; done++) {
      await vi.waitFor(() => expect(gates.length).toBeGreaterThan(done))
      gates[done]?.()
    }
    await settled(tray, 7)
    expect(most).toBe(3)
  })

  test('beyond a message’s number are left out and counted', () => {
    const { tray } = setUp()
    const files = Array.from({ length: MAX_FILES + 3 }, (_, n) => file(`${n}.txt`))
    expect(tray.add(KEY, 'channel', files)).toBe(3)
    expect(tray.list(KEY)).toHaveLength(MAX_FILES)
  })

  test('say why they failed, and go on when asked, without being read again', async () => {
    let broken = true
    const { ports, tray } = setUp({
      upload: async () => {
        if (broken) throw offline
      },
    })
    tray.add(KEY, 'channel', [file('a.txt')])
    await settled(tray, 1)
    expect(tray.list(KEY)).toMatchObject([{ state: 'failed', error: { code: 'network' } }])
    broken = false
    tray.wake()
    await settled(tray, 1)
    expect(tray.list(KEY)).toMatchObject([{ state: 'ready', error: null }])
    expect(ports.prepare).toHaveBeenCalledTimes(1)
  })

  test('that the server refused wait for the person, not for the network', async () => {
    const refused: AppError = { code: 'attachment_too_large', status: 413, message: '' }
    const { ports, tray } = setUp({ create: vi.fn(() => Promise.reject(refused)) })
    tray.add(KEY, 'channel', [file('a.txt')])
    await settled(tray, 1)
    tray.wake()
    expect(tray.list(KEY)).toMatchObject([{ state: 'failed', error: refused }])
    expect(ports.create).toHaveBeenCalledTimes(1)
  })

  test('are stopped on the way when they are removed', async () => {
    let stopped: AbortSignal | undefined
    const { ports, tray } = setUp({
      upload: (_channel, _id, { signal }) => {
        stopped = signal
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        )
      },
    })
    tray.add(KEY, 'channel', [file('a.txt')])
    await vi.waitFor(() => expect(stopped).toBeDefined())
    tray.remove(KEY, 'channel', tray.list(KEY)[0]?.id ?? '')
    expect(stopped?.aborted).toBe(true)
    expect(tray.list(KEY)).toEqual([])
    expect(ports.remove).toHaveBeenCalledTimes(1)
  })

  test('outlive a reload when they are uploaded, and only then', async () => {
    const storage = memory()
    const first = setUp({ storage })
    first.tray.add(KEY, 'channel', [file('a.txt')])
    await settled(first.tray, 1)
    const never = setUp({ storage, upload: () => new Promise(() => {}) })
    never.tray.add(KEY, 'channel', [file('b.txt')])
    await vi.waitFor(() => expect(never.tray.list(KEY)).toHaveLength(2))
    const again = setUp({ storage }).tray
    expect(again.list(KEY)).toMatchObject([{ state: 'ready', attachment: { name: 'a.txt' } }])
    again.take(KEY)
    expect(setUp({ storage }).tray.list(KEY)).toEqual([])
  })

  test('are described before the server knows of them, while it is told, and after', async () => {
    const told: (Attachment & { alt?: string })[] = []
    let announced = () => {}
    let prepared = () => {}
    const { ports, tray } = setUp({
      prepare: async (body) => {
        await new Promise<void>((resolve) => {
          prepared = resolve
        })
        return { name: body.name, type: 'image/png', size: body.size, body }
      },
      create: async (_channel, one) => {
        told.push(one)
        await new Promise<void>((resolve) => {
          announced = resolve
        })
      },
    })
    tray.add(KEY, 'channel', [file('a.png')])
    const id = tray.list(KEY)[0]?.id ?? ''
    await tray.describe(KEY, id, 'before')
    expect(ports.describe).not.toHaveBeenCalled()
    prepared()
    await vi.waitFor(() => expect(told).toMatchObject([{ alt: 'before' }]))
    const during = tray.describe(KEY, id, 'during')
    announced()
    await during
    expect(ports.describe).toHaveBeenCalledExactlyOnceWith(id, 'during')
    await settled(tray, 1)
    await tray.describe(KEY, id, 'after')
    expect(ports.describe).toHaveBeenLastCalledWith(id, 'after')
    expect(tray.take(KEY)).toMatchObject([{ alt: 'after' }])
  })

  test('keep their words when the server refuses others, and when they are announced again', async () => {
    let lost = true
    const { ports, tray } = setUp({
      create: async () => {
        if (lost) throw offline
      },
      describe: vi.fn(async () => {}),
    })
    tray.add(KEY, 'channel', [file('a.png')])
    await settled(tray, 1)
    const id = tray.list(KEY)[0]?.id ?? ''
    await tray.describe(KEY, id, 'a wall')
    expect(ports.describe).not.toHaveBeenCalled()
    lost = false
    tray.wake()
    await settled(tray, 1)
    // The first time may have arrived after all, without them.
    expect(ports.describe).toHaveBeenCalledExactlyOnceWith(id, 'a wall')
    vi.mocked(ports.describe).mockRejectedValueOnce(offline)
    await expect(tray.describe(KEY, id, 'a door')).rejects.toBe(offline)
    expect(tray.take(KEY)).toMatchObject([{ alt: 'a wall' }])
  })

  test('are not written down any more by a tray that is closed', async () => {
    const storage = memory()
    const { tray } = setUp({ storage })
    tray.add(KEY, 'channel', [file('a.txt')])
    tray.close()
    await settled(tray, 1)
    expect(storage.getItem('tray')).toBeNull()
  })

  test('come back with a message that is written again', () => {
    const { tray } = setUp()
    tray.restore(KEY, [attachment('one'), attachment('two')])
    expect(tray.take(KEY)).toEqual([attachment('one'), attachment('two')])
  })
})
