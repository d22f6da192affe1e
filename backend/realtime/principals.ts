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
export class Principals<Holder> {
  private readonly entries = new Map<string, { principal: Principal; holders: Set<Holder> }>()
  private readonly bySub = new Map<string, Set<Principal>>()

  /** Adds a holder; returns the one object that stands for this principal. */
  hold(wanted: Principal, holder: Holder): Principal {
    const entry = this.entries.get(wanted.key)
    if (entry) {
      entry.holders.add(holder)
      return entry.principal
    }
    this.entries.set(wanted.key, { principal: wanted, holders: new Set([holder]) })
    if (wanted.sub !== null) {
      const person = personKey(wanted.sub)
      const same = this.bySub.get(person)
      if (same) same.add(wanted)
      else this.bySub.set(person, new Set([wanted]))
    }
    return wanted
  }

  release(principal: Principal, holder: Holder): void {
    const entry = this.entries.get(principal.key)
    if (!entry?.holders.delete(holder) || entry.holders.size > 0) return
    this.entries.delete(principal.key)
    if (principal.sub === null) return
    const person = personKey(principal.sub)
    const same = this.bySub.get(person)
    if (same?.delete(entry.principal) && same.size === 0) this.bySub.delete(person)
  }

  /** Every principal of a person: one per token in use. */
  of(sub: string): Iterable<Principal> {
    return this.bySub.get(personKey(sub)) ?? []
  }

  holders(principal: Principal): Iterable<Holder> {
    return this.entries.get(principal.key)?.holders ?? []
  }

  all(): Iterable<Principal> {
    return [...this.entries.values()].map((entry) => entry.principal)
  }
}

/** PostgreSQL takes a uuid in several spellings: all of them are one person. */
function personKey(sub: string): string {
  return sub.toLowerCase().replace(/[^0-9a-z]/g, '')
}
