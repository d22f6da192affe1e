/** Which channels were on screen last, the latest first. */
export class Recent {
  private readonly limit: number
  private ids: string[] = []

  constructor(limit: number) {
    this.limit = limit
  }

  /** The channel is on screen now; returns the one before it and those that are too many. */
  touch(id: string): { previous: string | undefined; old: string[] } {
    const previous = this.ids[0] === id ? undefined : this.ids[0]
    const all = [id, ...this.ids.filter((other) => other !== id)]
    this.ids = all.slice(0, this.limit)
    return { previous, old: all.slice(this.limit) }
  }

  /** The channel may be the next on screen; returns those that are too many. */
  expect(id: string): string[] {
    const [current, ...others] = this.ids.filter((other) => other !== id)
    const all = current === undefined ? [id] : [current, id, ...others]
    this.ids = all.slice(0, this.limit)
    return all.slice(this.limit)
  }
}
