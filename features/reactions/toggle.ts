/** Who reacted with what, in the order of reacting. */
export type Reactions = Record<string, string[]>

/** The summary with the person's reaction added, or taken away when it was there. */
export function toggle(reactions: Reactions, emoji: string, userId: string): Reactions {
  const people = reactions[emoji] ?? []
  const left = people.filter((id) => id !== userId)
  const { [emoji]: _, ...others } = reactions
  if (left.length === people.length) return { ...reactions, [emoji]: [...people, userId] }
  return left.length ? { ...reactions, [emoji]: left } : others
}

export const hasReacted = (reactions: Reactions, emoji: string, userId: string) =>
  reactions[emoji]?.includes(userId) ?? false
