import { expect, test } from 'vitest'
import { Turns } from './turns'

test('one after another for each key, whatever becomes of the one before; other keys do not wait', async () => {
  const turns = new Turns()
  const done: string[] = []
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const first = turns.take('a', async () => {
    await gate
    done.push('first')
    throw new Error('failed')
  })
  const second = turns.take('a', async () => done.push('second'))
  await turns.take('b', async () => done.push('other'))
  expect(done).toEqual(['other'])
  open()
  await expect(first).rejects.toThrow('failed')
  await second
  expect(done).toEqual(['other', 'first', 'second'])
})
