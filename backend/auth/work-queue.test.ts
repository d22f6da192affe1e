import { expect, test } from 'vitest'
import { createWorkQueue, QueueFullError } from './work-queue'

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('runs as much at once as allowed, the rest in order', async () => {
  const queue = createWorkQueue({ concurrency: 2, maxWaiting: 10 })
  const gates = [gate(), gate(), gate(), gate()]
  const started: number[] = []
  const work = gates.map(({ opened }, index) =>
    queue.run(async () => {
      started.push(index)
      await opened
      return index
    }),
  )
  expect(started).toEqual([0, 1])
  gates[1]?.open()
  await work[1]
  expect(started).toEqual([0, 1, 2])
  for (const { open } of gates) open()
  expect(await Promise.all(work)).toEqual([0, 1, 2, 3])
  expect(started).toEqual([0, 1, 2, 3])
})

test('refuses what would wait too long, and recovers', async () => {
  const queue = createWorkQueue({ concurrency: 1, maxWaiting: 1 })
  const { open, opened } = gate()
  const running = queue.run(() => opened)
  const waiting = queue.run(async () => 'waited')
  await expect(queue.run(async () => 'refused')).rejects.toThrow(QueueFullError)
  open()
  await running
  expect(await waiting).toBe('waited')
  expect(await queue.run(async () => 'again')).toBe('again')
})

test('gives its place on when work fails', async () => {
  const queue = createWorkQueue({ concurrency: 1, maxWaiting: 1 })
  const failing = queue.run(() => Promise.reject(new Error('broken')))
  const next = queue.run(async () => 'fine')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('fine')
})

test('takes more at once, or less, when it may', async () => {
  let concurrency = 1
  const queue = createWorkQueue({ concurrency: () => concurrency, maxWaiting: 10 })
  const gates = [gate(), gate(), gate(), gate(), gate()]
  const started: number[] = []
  const work = gates.map(({ opened }, index) =>
    queue.run(async () => {
      started.push(index)
      await opened
    }),
  )
  concurrency = 3
  gates[0]?.open()
  await work[0]
  expect(started).toEqual([0, 1, 2, 3])
  concurrency = 1
  gates[1]?.open()
  gates[2]?.open()
  await Promise.all([work[1], work[2]])
  expect(started).toHaveLength(4)
  for (const { open } of gates) open()
  await Promise.all(work)
})

test('whoever asks for much waits behind those who ask for little, and is refused before them', async () => {
  const queue = createWorkQueue({ concurrency: 1, maxWaiting: 4 })
  const { open, opened } = gate()
  const done: string[] = []
  const ask = (name: string, by: string) =>
    queue.run(async () => {
      await opened
      done.push(name)
    }, by)
  const flood = [1, 2, 3, 4, 5].map((n) => ask(`flood ${n}`, 'flood').catch((error: unknown) => error))
  // The queue is full: the last of the longest line gives way.
  const person = ask('person', 'person')
  expect(await flood[4]).toBeInstanceOf(QueueFullError)
  await expect(ask('flood 6', 'flood')).rejects.toThrow(QueueFullError)
  const more = ['a', 'b'].map((name) => ask(name, name))
  expect(await flood[3]).toBeInstanceOf(QueueFullError)
  // Nobody waits twice any more, so that nobody gives way.
  await expect(ask('c', 'c')).rejects.toThrow(QueueFullError)
  open()
  await Promise.all([person, ...flood, ...more])
  expect(done).toEqual(['flood 1', 'flood 2', 'person', 'a', 'b'])
  expect(await queue.run(async () => 'again', 'flood')).toBe('again')
})
