import { type Few, membersOf, withMember, withoutMember } from './few'

/**
 * Somebody's token, as policies see it. All of a token's claims count: policies may look at any of them, so what is
 * known about one token says nothing about another.
 */
export type Principal = {
  readonly key: string
  readonly role: string
  readonly sub: string | null
  readonly sessionId: string | null
  /** The claims as JSON text, for `request.jwt.claims`. */
  readonly claims: string
  /** Unix seconds; Infinity for the installation's own keys. */
  readonly expiresAt: number
}

/** The principal of a token, or of an opaque key, which stands for a role and never expires. */
export function principalOf(claims: Record<string, unknown> & { role: string; exp?: number }): Principal {
  const json = JSON.stringify(claims)
  return {
    key: json,
    role: claims.role,
    sub: typeof claims.sub === 'string' ? claims.sub : null,
    sessionId: typeof claims.session_id === 'string' ? claims.session_id : null,
    claims: json,
    expiresAt: claims.exp ?? Number.POSITIVE_INFINITY,
  }
}

/** The principals in use, each known by one object, and who holds it. */
export class Principals<Holder extends object> {
  private readonly entries = new Map<string, { principal: Principal; holders: Few<Holder> }>()
  private readonly bySub = new Index()
  private readonly bySession = new Index()

  /** Adds a holder; returns the one object that stands for this principal. */
  hold(wanted: Principal, holder: Holder): Principal {
    const entry = this.entries.get(wanted.key)
    if (entry) {
      entry.holders = withMember(entry.holders, holder)
      return entry.principal
    }
    // A copy: whoever keeps what it came with, as a connection does, must not bring back what was known about it while
    // nobody held it, and nobody was told of what had changed.
    const principal = { ...wanted }
    this.entries.set(wanted.key, { principal, holders: holder })
    this.bySub.add(wanted.sub, principal)
    this.bySession.add(wanted.sessionId, principal)
    return principal
  }

  release(principal: Principal, holder: Holder): void {
    const entry = this.entries.get(principal.key)
    if (!entry) return
    entry.holders = withoutMember(entry.holders, holder)
    if (entry.holders) return
    this.entries.delete(principal.key)
    this.bySub.remove(principal.sub, entry.principal)
    this.bySession.remove(principal.sessionId, entry.principal)
  }

  /** Every principal of a person: one per token in use. */
  of(sub: string): Iterable<Principal> {
    return this.bySub.of(sub)
  }

  /** Every principal of a sign-in: one per token that it gave out and that is in use. */
  ofSession(sessionId: string): Iterable<Principal> {
    return this.bySession.of(sessionId)
  }

  holders(principal: Principal): Iterable<Holder> {
    return membersOf(this.entries.get(principal.key)?.holders)
  }

  all(): Iterable<Principal> {
    return [...this.entries.values()].map((entry) => entry.principal)
  }
}

/** Principals by an id that several may share. */
class Index {
  private readonly byId = new Map<string, Few<Principal>>()

  add(id: string | null, principal: Principal): void {
    if (id === null) return
    const key = idKey(id)
    this.byId.set(key, withMember(this.byId.get(key), principal))
  }

  remove(id: string | null, principal: Principal): void {
    if (id === null) return
    const key = idKey(id)
    const others = withoutMember(this.byId.get(key), principal)
    if (others) this.byId.set(key, others)
    else this.byId.delete(key)
  }

  of(id: string): Iterable<Principal> {
    return membersOf(this.byId.get(idKey(id)))
  }
}

/** PostgreSQL takes a uuid in several spellings: all of them are one. */
function idKey(id: string): string {
  return id.toLowerCase().replace(/[^0-9a-z]/g, '')
}
