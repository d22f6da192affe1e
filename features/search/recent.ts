import { localKey } from '@/lib/local-data'

const MOST = 8
const NAME = 'searches'

/** What this person searched for last, on this device only; it goes when they sign out. */
export function recentSearches(userId: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(localKey(userId, NAME)) ?? '[]')
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : []
  } catch {
    return []
  }
}

export function rememberSearch(userId: string, text: string) {
  const trimmed = text.trim()
  if (!trimmed) return
  const list = [trimmed, ...recentSearches(userId).filter((each) => each !== trimmed)].slice(0, MOST)
  localStorage.setItem(localKey(userId, NAME), JSON.stringify(list))
}

export const forgetSearches = (userId: string) => localStorage.removeItem(localKey(userId, NAME))
