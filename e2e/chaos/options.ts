import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { TRANSPORTS, type Transport } from '../product'

export type Options = {
  /** Makes all decisions of the run. */
  seed: number
  /** The run ends when it has killed and had acknowledged so often, or after so many minutes. */
  kills: number
  sends: number
  minutes: number
  /** Sessions that run the product's own sync code. */
  clients: number
  /** People who do nothing but send, over plain HTTP. */
  senders: number
  browsers: boolean
  /** How clients hear of changes; without a word as the product decides. */
  transport?: Transport | undefined
}

export const LONG: Omit<Options, 'seed'> = {
  kills: 200,
  sends: 1_000_000,
  minutes: 24 * 60,
  clients: 20,
  senders: 32,
  browsers: true,
}

export const newSeed = () => randomInt(2 ** 31)

/** Reads `--seed N --kills N --sends N --minutes N --clients N --senders N --transport T --no-browsers`; throws on anything else. */
export function parseOptions(args: string[]): Options {
  const number = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      seed: number,
      kills: number,
      sends: number,
      minutes: number,
      clients: number,
      senders: number,
      transport: { type: 'string' },
      'no-browsers': { type: 'boolean' },
    },
  })
  const count = (name: 'seed' | 'kills' | 'sends' | 'minutes' | 'clients' | 'senders', otherwise: number) => {
    const value = Number(values[name] ?? otherwise)
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number`)
    return value
  }
  const transport = TRANSPORTS.find((each) => each === values.transport)
  if (values.transport && !transport) throw new Error(`--transport must be ${TRANSPORTS.join(' or ')}`)
  return {
    seed: count('seed', newSeed()),
    kills: count('kills', LONG.kills),
    sends: count('sends', LONG.sends),
    minutes: count('minutes', LONG.minutes),
    clients: count('clients', LONG.clients),
    senders: Math.max(1, count('senders', LONG.senders)),
    browsers: !values['no-browsers'],
    transport,
  }
}
