/**
 * No member, one, or a set of several. Of most things that a socket has there is one, a Set takes two hundred bytes, and
 * a server holds ten thousand sockets.
 */
export type Few<Member extends object | string> = Member | Set<Member> | undefined

/** The same with one more. */
export function withMember<Member extends object | string>(few: Few<Member>, member: Member): Few<Member> {
  if (few === undefined || few === member) return member
  return few instanceof Set ? few.add(member) : new Set([few, member])
}

/** The same without one; undefined when that was the last. */
export function withoutMember<Member extends object | string>(few: Few<Member>, member: Member): Few<Member> {
  if (!(few instanceof Set)) return few === member ? undefined : few
  few.delete(member)
  return few.size === 0 ? undefined : few
}

export function hasMember<Member extends object | string>(few: Few<Member>, member: Member): boolean {
  return few instanceof Set ? few.has(member) : few === member
}

export function membersOf<Member extends object | string>(few: Few<Member>): Iterable<Member> {
  if (few instanceof Set) return few
  return few === undefined ? [] : [few]
}
