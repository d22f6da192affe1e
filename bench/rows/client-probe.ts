/** What the page measures of itself. Times are of its own clock, from the event's own time stamp. */
export type Probe = {
  lcp: number
  cls: number
  /** Time of tasks beyond their first 50 ms, and the longest task. */
  blocked: number
  longest: number
  /** Interaction to next paint, by interaction; those under 16 ms are not reported by browsers. */
  interactions: Record<number, number>
  /** Waits for the next event of this type; `settled` then gives the time to the end of the frame that drew it. */
  expect(type: string, drawn: () => boolean): void
  settled: Promise<number>
  /** Resolves with the present time once the next frame has been handed over. */
  afterFrame(): Promise<number>
  /** Intervals between frames until `done` resolves. */
  frames(done: Promise<unknown>): Promise<number[]>
}

declare global {
  interface Window {
    probe: Probe
  }
}

/** Runs in the page before anything of its own does. */
export function installProbe() {
  // What does not report through an entry is timed by the frame: a task behind a frame's callbacks runs when its
  // drawing is done.
  const endOfFrame = (resolve: (now: number) => void) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => resolve(performance.now())
    port2.postMessage(null)
  }
  const probe: Probe = {
    lcp: 0,
    cls: 0,
    blocked: 0,
    longest: 0,
    interactions: {},
    settled: Promise.resolve(0),
    expect(type, drawn) {
      probe.settled = new Promise((resolve) => {
        const begin = ({ timeStamp }: Event) => {
          const look = () => {
            if (drawn()) endOfFrame((now) => resolve(now - timeStamp))
            else requestAnimationFrame(look)
          }
          requestAnimationFrame(look)
        }
        window.addEventListener(type, begin, { capture: true, once: true })
      })
    },
    afterFrame: () => new Promise((resolve) => requestAnimationFrame(() => endOfFrame(resolve))),
    frames(done) {
      let over = false
      void done.then(() => {
        over = true
      })
      return new Promise((resolve) => {
        const intervals: number[] = []
        let last = 0
        const frame = (now: number) => {
          if (last) intervals.push(now - last)
          last = now
          if (over) resolve(intervals)
          else requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      })
    },
  }
  type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; interactionId: number }
  const watch = (type: string, each: (entry: Entry) => void) =>
    new PerformanceObserver((list) => (list.getEntries() as Entry[]).forEach(each)).observe({
      type,
      buffered: true,
      durationThreshold: 16,
    } as PerformanceObserverInit)
  watch('largest-contentful-paint', ({ startTime }) => {
    probe.lcp = startTime
  })
  watch('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) probe.cls += value
  })
  watch('longtask', ({ duration }) => {
    probe.blocked += duration - 50
    probe.longest = Math.max(probe.longest, duration)
  })
  watch('event', ({ interactionId: id, duration }) => {
    if (id) probe.interactions[id] = Math.max(probe.interactions[id] ?? 0, duration)
  })
  window.probe = probe
}
