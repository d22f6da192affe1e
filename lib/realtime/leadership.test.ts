import { expect, test } from 'vitest'
import { type Leadership, seekLeadership } from './leadership'

type Held = { reject(error: Error): void }

/** Web Locks of one browser and one name, as far as they are used here. */
function fakeLocks() {
  let holder: Held | null = null
  const line: (() => void)[] = []
  const request = (
    _name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    work: () => Promise<void> | undefined,
  ) =>
    new Promise<void>((resolve, reject) => {
      const run = () => {
        const mine: Held = { reject }
        holder = mine
        const end = () => {
          if (holder !== mine) return
          holder = null
          resolve()
          line.shift()?.()
        }
        void Promise.resolve(work()).then(end)
      }
      if (options.steal) {
        holder?.reject(new Error('stolen'))
        run()
      } else if (holder) {
        line.push(run)
        options.signal?.addEventListener('abort', () => {
          line.splice(line.indexOf(run), 1)
          reject(new Error('aborted'))
        })
      } else run()
    })
  return { request } as unknown as LockManager
}

function browser() {
  const locks = fakeLocks()
  const log: string[] = []
  const open = (name: string): Leadership =>
    seekLeadership(
      'socket',
      () => {
        log.push(`${name} leads`)
        return (taken) => log.push(`${name} ${taken ? 'lost it' : 'left'}`)
      },
      locks,
    )
  return { open, log }
}

const calm = () => new Promise((resolve) => setTimeout(resolve))

test('one leads at a time, and the next in line follows', async () => {
  const { open, log } = browser()
  const [a, b] = [open('a'), open('b')]
  await calm()
  expect(log).toEqual(['a leads'])
  a.stop()
  await calm()
  expect(log).toEqual(['a leads', 'b leads', 'a left'])
  b.stop()
})

test('the lead can be taken, comes back when the thief goes, and is never held twice', async () => {
  const { open, log } = browser()
  open('a')
  const b = open('b')
  await calm()
  b.steal()
  await calm()
  expect(log).toEqual(['a leads', 'b leads', 'a lost it'])
  b.steal()
  b.stop()
  await calm()
  expect(log.slice(3)).toEqual(['a leads', 'b left'])
})

test('whoever stopped while waiting never leads', async () => {
  const { open, log } = browser()
  const [a, b] = [open('a'), open('b')]
  b.stop()
  a.stop()
  await calm()
  expect(log).toEqual(['a leads', 'a left'])
})
