export type Column = { name: string; typeOid: number; key: boolean }

/** A table as the stream describes it before its first change, and again after it changed. */
export type Relation = {
  oid: number
  schema: string
  name: string
  /** `f`: the old row is complete; otherwise it holds the key columns only. */
  identity: string
  columns: Column[]
}

/** Values as PostgreSQL prints them, in the relation's column order. `undefined`: not in the stream. */
export type Tuple = (string | null | undefined)[]

export type RowChange =
  | { tag: 'insert'; relation: Relation; old: null; new: Tuple }
  | { tag: 'update'; relation: Relation; old: Tuple | null; new: Tuple }
  | { tag: 'delete'; relation: Relation; old: Tuple; new: null }

export type WalEvent =
  | { tag: 'begin'; xid: number; committedAt: Date }
  | { tag: 'commit'; endLsn: bigint }
  | RowChange
  | { tag: 'truncate'; relations: Relation[] }
  | { tag: 'message'; prefix: string; content: string }
  | { tag: 'other' }

/**
 * Decodes `pgoutput` (protocol version 1) and keeps values as the text that PostgreSQL printed: the package's own
 * plugin turns timestamps into JavaScript dates and drops a byte order mark, both of which lose data.
 */
export class PgoutputText {
  readonly name = 'pgoutput'
  readonly options: { publications: string[] }
  private readonly relations = new Map<number, Relation>()

  constructor(options: { publications: string[] }) {
    this.options = options
  }

  async start(client: { query(sql: string): Promise<unknown> }, slot: string, lsn: string): Promise<unknown> {
    const names = this.options.publications.join(',')
    return client.query(
      `START_REPLICATION SLOT "${slot}" LOGICAL ${lsn} (proto_version '1', publication_names '${names}', messages 'true')`,
    )
  }

  parse(buffer: Buffer): WalEvent {
    const reader = new Reader(buffer)
    switch (reader.char()) {
      case 'B': {
        reader.skip(8)
        const committedAt = pgTime(reader.int64())
        return { tag: 'begin', committedAt, xid: reader.uint32() }
      }
      case 'C':
        reader.skip(9)
        return { tag: 'commit', endLsn: reader.int64() }
      case 'R':
        return this.relation(reader)
      case 'I': {
        const relation = this.known(reader.uint32())
        reader.skip(1)
        return { tag: 'insert', relation, old: null, new: reader.tuple() }
      }
      case 'U':
        return this.update(reader)
      case 'D': {
        const relation = this.known(reader.uint32())
        return { tag: 'delete', relation, old: oldTuple(reader.char(), reader, relation), new: null }
      }
      case 'T': {
        const count = reader.uint32()
        reader.skip(1)
        return {
          tag: 'truncate',
          relations: Array.from({ length: count }, () => this.known(reader.uint32())),
        }
      }
      case 'M': {
        reader.skip(9)
        const prefix = reader.cstring()
        return { tag: 'message', prefix, content: reader.text(reader.uint32()) }
      }
      default:
        return { tag: 'other' }
    }
  }

  private relation(reader: Reader): WalEvent {
    const oid = reader.uint32()
    const schema = reader.cstring() || 'pg_catalog'
    const name = reader.cstring()
    const identity = reader.char()
    const columns = Array.from({ length: reader.uint16() }, () => {
      const key = (reader.byte() & 1) === 1
      const column = { name: reader.cstring(), typeOid: reader.uint32(), key }
      reader.skip(4)
      return column
    })
    this.relations.set(oid, { oid, schema, name, identity, columns })
    return { tag: 'other' }
  }

  private update(reader: Reader): RowChange {
    const relation = this.known(reader.uint32())
    let kind = reader.char()
    let old: Tuple | null = null
    if (kind !== 'N') {
      old = oldTuple(kind, reader, relation)
      kind = reader.char()
    }
    const row = reader.tuple()
    // A long value that did not change is not sent again; the complete old row has it.
    if (old && relation.identity === 'f') {
      for (const [i, value] of row.entries()) if (value === undefined) row[i] = old[i]
    }
    return { tag: 'update', relation, old, new: row }
  }

  private known(oid: number): Relation {
    const relation = this.relations.get(oid)
    if (!relation) throw new Error('pgoutput: a change of a relation that was not described')
    return relation
  }
}

/** Of a key tuple (`K`) only the key columns mean something; the others are sent as null. */
function oldTuple(kind: string, reader: Reader, { columns }: Relation): Tuple {
  const tuple = reader.tuple()
  return kind === 'O' ? tuple : tuple.map((value, i) => (columns[i]?.key ? value : undefined))
}

/** Microseconds since 2000-01-01. */
function pgTime(micros: bigint): Date {
  return new Date(Number(micros / 1000n) + Date.UTC(2000, 0, 1))
}

class Reader {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  skip(count: number): void {
    this.at += count
  }

  byte(): number {
    this.at += 1
    return this.bytes.readUInt8(this.at - 1)
  }

  char(): string {
    return String.fromCharCode(this.byte())
  }

  uint16(): number {
    this.at += 2
    return this.bytes.readUInt16BE(this.at - 2)
  }

  uint32(): number {
    this.at += 4
    return this.bytes.readUInt32BE(this.at - 4)
  }

  int64(): bigint {
    this.at += 8
    return this.bytes.readBigInt64BE(this.at - 8)
  }

  cstring(): string {
    const end = this.bytes.indexOf(0, this.at)
    const text = this.bytes.toString('utf8', this.at, end)
    this.at = end + 1
    return text
  }

  text(length: number): string {
    this.at += length
    return this.bytes.toString('utf8', this.at - length, this.at)
  }

  tuple(): Tuple {
    return Array.from({ length: this.uint16() }, () => {
      const kind = this.char()
      if (kind === 'n') return null
      if (kind === 'u') return undefined
      return this.text(this.uint32())
    })
  }
}
