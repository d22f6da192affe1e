import { isTooDeep } from '../../json-depth'
import { type BroadcastBody, broadcastJson, parseBroadcast } from './broadcast'
import type { Down, Head } from './down'
import { type Envelope, isObject, type Vsn } from './envelope'

/** A frame that is not a message of the protocol; the socket is closed with `code`. */
export class FrameError extends Error {
  readonly code: 1003 | 1007
  constructor(code: 1003 | 1007, message: string) {
    super(message)
    this.code = code
  }
}

/** Binary message kinds. 0, 1 and 2 are Phoenix's own, 3 and 4 are Supabase's. */
const PUSH = 0
const USER_BROADCAST_PUSH = 3
const USER_BROADCAST = 4

const JSON_ENCODING = 1

/** `?vsn=`: Phoenix takes a missing one for 1.0.0 and compares the major version only. */
export function parseVsn(value: string | null): Vsn | null {
  if (value === null || /^1\./.test(value)) return '1.0.0'
  return /^2\./.test(value) ? '2.0.0' : null
}

/** Reads a text frame. @throws FrameError */
export function decodeText(vsn: Vsn, text: string): Envelope {
  if (isTooDeep(text)) throw new FrameError(1007, 'the frame is nested too deeply')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new FrameError(1007, 'the frame is not JSON')
  }
  if (vsn === '2.0.0') {
    if (!Array.isArray(value) || value.length !== 5) throw new FrameError(1007, 'expected an array of five')
    const [joinRef, ref, topic, event, payload] = value
    return envelope(joinRef, ref, topic, event, payload)
  }
  if (!isObject(value)) throw new FrameError(1007, 'expected an object')
  return envelope(value.join_ref, value.ref, value.topic, value.event, value.payload)
}

function envelope(
  joinRef: unknown,
  ref: unknown,
  topic: unknown,
  event: unknown,
  payload: unknown,
): Envelope {
  if (typeof topic !== 'string' || typeof event !== 'string') {
    throw new FrameError(1007, 'topic and event must be strings')
  }
  const body = event === 'broadcast' ? parseBroadcast(payload) : payload
  return { joinRef: refOf(joinRef), ref: refOf(ref), topic, event, payload: body }
}

function refOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new FrameError(1007, 'refs must be strings')
}

/** Reads a binary frame: a broadcast with its payload behind a header, or Phoenix's own push. @throws FrameError */
export function decodeBinary(frame: Buffer): Envelope {
  const kind = frame[0]
  if (kind === USER_BROADCAST_PUSH) return decodeUserBroadcast(frame)
  if (kind === PUSH) return decodePush(frame)
  throw new FrameError(1003, 'unknown binary message')
}

function decodeUserBroadcast(frame: Buffer): Envelope {
  const header = 7
  if (frame.length < header) throw new FrameError(1007, 'the binary header is cut off')
  const read = reader(frame, header)
  const joinRef = read(frame[1])
  const ref = read(frame[2])
  const topic = read(frame[3])
  const event = read(frame[4])
  read(frame[5])
  const rest = frame.subarray(read.end())
  const payload: BroadcastBody =
    frame[6] === JSON_ENCODING ? { event, json: checkedJson(rest) } : { event, bytes: rest }
  return { joinRef: joinRef || null, ref: ref || null, topic, event: 'broadcast', payload }
}

function decodePush(frame: Buffer): Envelope {
  const header = 5
  if (frame.length < header) throw new FrameError(1007, 'the binary header is cut off')
  const read = reader(frame, header)
  const joinRef = read(frame[1])
  const ref = read(frame[2])
  const topic = read(frame[3])
  const event = read(frame[4])
  const bytes = frame.subarray(read.end())
  const payload = event === 'broadcast' ? { event, bytes } : bytes
  return { joinRef: joinRef || null, ref: ref || null, topic, event, payload }
}

/** Cuts the strings behind a header, one after the other. */
function reader(frame: Buffer, start: number) {
  let offset = start
  const read = (length = 0): string => {
    if (offset + length > frame.length) throw new FrameError(1007, 'the binary header is cut off')
    offset += length
    return frame.toString('utf8', offset - length, offset)
  }
  return Object.assign(read, { end: () => offset })
}

/** Receivers parse this text, so a sender's broken JSON must not reach them. */
function checkedJson(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (isTooDeep(text)) throw new FrameError(1007, 'the payload is nested too deeply')
  try {
    JSON.parse(text)
  } catch {
    throw new FrameError(1007, 'the payload is not JSON')
  }
  return text
}

/** Writes a message as the text of one frame. */
export function encode(vsn: Vsn, message: Down): string {
  return encodeText(vsn, message, JSON.stringify(message.payload))
}

/** Writes a message whose payload is JSON text already. */
export function encodeText(vsn: Vsn, head: Head, json: string): string {
  const [before, after] = around(vsn, head)
  return before + json + after
}

/** The text before a payload, which names the topic, and the text after it, which does not. */
export function around(vsn: Vsn, { joinRef, ref, topic, event }: Head): [before: string, after: string] {
  const [t, e, r, j] = [topic, event, ref, joinRef].map((value) => JSON.stringify(value))
  if (vsn === '2.0.0') return [`[${j},${r},${t},${e},`, ']']
  return [`{"topic":${t},"event":${e},"payload":`, `,"ref":${r},"join_ref":${j}}`]
}

/**
 * Writes a broadcast. Bytes reach 2.0.0 clients only: the older serializer has no form for them, and as
 * upstream does, its clients are left out (null).
 */
export function encodeBroadcast(vsn: Vsn, topic: string, body: BroadcastBody): string | Buffer | null {
  const json = broadcastJson(body)
  if (json !== null) return encodeText(vsn, { joinRef: null, ref: null, topic, event: 'broadcast' }, json)
  if (vsn === '1.0.0' || !('bytes' in body)) return null
  const parts = [topic, body.event, body.meta ?? ''].map((part) => Buffer.from(part))
  if (parts.some((part) => part.length > 255)) return null
  const lengths = parts.map((part) => part.length)
  return Buffer.concat([Buffer.from([USER_BROADCAST, ...lengths, 0]), ...parts, body.bytes])
}
