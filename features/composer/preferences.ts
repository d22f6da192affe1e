import { createStore, useStore } from '@/lib/store'

export type SendWith = 'enter' | 'mod-enter'

const KEY = 'send-with'
const stored = () => {
  try {
    return localStorage.getItem(KEY) === 'mod-enter' ? 'mod-enter' : 'enter'
  } catch {
    return 'enter'
  }
}

const sendWith = createStore<SendWith>(stored())

export const useSendWith = () => useStore(sendWith, (value) => value)

/** Which key sends; the other makes a new line. Kept on this device. */
export function setSendWith(value: SendWith): void {
  sendWith.set(value)
  localStorage.setItem(KEY, value)
}
