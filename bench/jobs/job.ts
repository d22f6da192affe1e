export type Person = { userId: string; token: string }
export type Sender = Person & { channelId: string }

export type SendOptions = {
  senders: Sender[]
  seconds: number
  /** Without a rate every sender sends again as soon as it has its answer (closed loop: finds the throughput). */
  perSecond?: number
}

export type SendResult = {
  acks: number
  failures: string[]
  seconds: number
  p50: number
  p99: number
  generatorLateP99: number
}

export type DeliveryResult = {
  p50: number
  p99: number
  lastP50: number
  lastP99: number
  lost: number
  frameBytes: number
  generatorLateP99: number
}

/** A sentence of ordinary length; the number in front is how a receiver finds the send it belongs to. */
export const messageBody = (index: number) =>
  `#${String(index).padStart(8, '0')} The migration finished without errors; I will watch the queue for another hour and then close the ticket. Details are in the runbook, section four.`

export const messageIndex = (frame: string) => {
  const at = frame.indexOf('"body":"#')
  return at < 0 ? -1 : Number(frame.slice(at + 9, at + 17))
}
