import type { Readable } from 'node:stream'

/** A part of a file: first and last byte, both included. */
export type ByteRange = { start: number; end: number }

/**
 * Where bytes are kept: whole, unchanging, under random names. What a name stands for, who may see it and when it goes is
 * the database's to say.
 */
export type Blobs = {
  start(): Promise<void>
  /** Keeps bytes; when it resolves they outlive a loss of power. On any error nothing is left. */
  write(version: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
  /** Keeps the bytes of a complete file on this machine's disk; the file stays where it is. As safe as `write`. */
  keep(version: string, path: string): Promise<void>
  /** The bytes, or a part of them. Rejects with BlobMissing. */
  read(version: string, range?: ByteRange): Promise<Readable>
  /** Removes bytes; none is no error. */
  remove(version: string): Promise<void>
  stop(): Promise<void>
}

/** There are no bytes of this name. */
export class BlobMissing extends Error {
  override readonly name = 'BlobMissing'
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Names are made by us, but a row may have been written by anybody: nothing else ever becomes a path. */
export function checkVersion(version: string): string {
  if (!uuid.test(version)) throw new BlobMissing(`Not the name of a blob: ${version.slice(0, 50)}`)
  return version
}
