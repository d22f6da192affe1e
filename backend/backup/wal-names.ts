/** WAL positions and the names of the segments that hold them, as PostgreSQL counts them. */

/** The position of a text like `0/16B3748`. */
export function parseLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

/** The text of a position. */
export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffff_ffffn).toString(16).toUpperCase()}`
}

/** The number of the segment that a position is in. */
export function segmentOf(lsn: bigint, segmentBytes: number): bigint {
  return lsn / BigInt(segmentBytes)
}

/** The name of a segment's file: timeline, then its number in two halves. */
export function segmentName(timeline: number, segment: bigint, segmentBytes: number): string {
  const perHigh = 0x1_0000_0000n / BigInt(segmentBytes)
  const hex = (value: bigint | number) => value.toString(16).toUpperCase().padStart(8, '0')
  return hex(timeline) + hex(segment / perHigh) + hex(segment % perHigh)
}

/** Timeline and number of a segment from the name of its file. */
export function parseSegmentName(name: string, segmentBytes: number): { timeline: number; segment: bigint } {
  const perHigh = 0x1_0000_0000n / BigInt(segmentBytes)
  const part = (index: number) => BigInt(`0x${name.slice(index * 8, index * 8 + 8)}`)
  return { timeline: Number(part(0)), segment: part(1) * perHigh + part(2) }
}
