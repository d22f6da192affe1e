import { expect, test, vi } from 'vitest'
import type { Horizon } from '../horizon'
import { principalOf } from '../principals'
import { Callers } from './callers'

const horizon = { ask: (question: () => Promise<unknown>) => question() } as Horizon
const ada = principalOf({ role: 'authenticated', sub: 'ada' })

/** A database that answers `ada`, after `meanwhile` has happened. */
function setUp(meanwhile: (callers: Callers, time: number) => void) {
  const sql = vi.fn(async () => {
    meanwhile(callers, sql.mock.calls.length)
    return [{ snapshot: '1:1:', answers: '[["ada"]]' }]
  })
  const callers = new Callers(sql as never, horizon)
  return { callers, sql }
}

test.each([
  ['the person', (callers: Callers) => callers.forget(ada)],
  ['everybody', (callers: Callers) => callers.forgetAll()],
])(
  'an answer that %s was forgotten behind is asked for again, and is not taken for none',
  async (_, forget) => {
    const { callers, sql } = setUp((asked, time) => {
      if (time === 1) forget(asked)
    })
    expect(await callers.answers(['auth.uid()'], [ada])).toEqual([['ada']])
    expect(sql).toHaveBeenCalledTimes(2)
    expect(await callers.answers(['auth.uid()'], [ada])).toEqual([['ada']])
    expect(sql).toHaveBeenCalledTimes(2)
  },
)

test('somebody about whom a call raises is not asked about again', async () => {
  const sql = vi.fn(async () => [{ snapshot: '1:1:', answers: '[null]' }])
  const callers = new Callers(sql as never, horizon)
  expect(await callers.answers(['auth.uid()'], [ada])).toEqual([null])
  expect(sql).toHaveBeenCalledTimes(1)
})

test('a call that raises is no answer about another one, nor about policies that call nothing', async () => {
  const raising = vi.fn(async (_: unknown, calls: string) => {
    const answers = calls.includes('app.team()') ? 'null' : '["ada"]'
    return [{ snapshot: '1:1:', answers: `[${answers}]` }]
  })
  const callers = new Callers(raising as never, horizon)
  expect(await callers.answers([], [ada])).toEqual([[]])
  expect(raising).not.toHaveBeenCalled()
  expect(await callers.answers(['app.team()', 'auth.uid()'], [ada])).toEqual([null])
  expect(await callers.answers(['auth.uid()'], [ada])).toEqual([['ada']])
  expect(await callers.answers(['app.team()'], [ada])).toEqual([null])
  expect(await callers.answers([], [ada])).toEqual([[]])
  expect(raising).toHaveBeenCalledTimes(3)
})
