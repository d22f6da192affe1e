import { expect, test } from 'vitest'
import { Between } from './between'

test('what comes in the middle is done before the next begins, whether the first went well or not', async () => {
  const between = new Between()
  const done: string[] = []
  await between.take(() => done.push('at once'))
  for (const fails of [false, true]) {
    const first = between.during(async () => {
      done.push('first')
      await Promise.resolve()
      done.push('still first')
      if (fails) throw new Error('It failed')
    })
    const next = first.catch(() => {}).then(() => between.during(async () => done.push('next')))
    const middle = between.take(() => done.push('between'))
    const thrown = between.take(() => {
      throw new Error('Its own')
    })
    await expect(thrown).rejects.toThrow('Its own')
    await Promise.all([next, middle])
  }
  expect(done).toEqual(['at once', ...Array(2).fill(['first', 'still first', 'between', 'next']).flat()])
})
