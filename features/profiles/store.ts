import { createStore, useStore } from '@/lib/store'
import { getSupabase } from '@/lib/supabase/client'
import { unchanged } from '@/lib/unchanged'
import { listPeople } from './queries'
import type { Person } from './schema'

type State = { byId: Record<string, Person>; meId: string | null }

export const people = createStore<State>({ byId: {}, meId: null })

export function setMe(person: Person) {
  people.set(({ byId }) => ({
    byId: { ...byId, [person.id]: unchanged(person, byId[person.id]) },
    meId: person.id,
  }))
}

/** Merges profiles; a role that an earlier answer told stays. */
export function applyPeople(rows: (Partial<Person> & { id: string })[]) {
  if (rows.length === 0) return
  people.set((state) => {
    const byId = { ...state.byId }
    for (const row of rows) byId[row.id] = unchanged({ ...byId[row.id], ...row } as Person, byId[row.id])
    return { ...state, byId }
  })
}

export function clearPeople() {
  people.set({ byId: {}, meId: null })
  asked.clear()
}

const asked = new Set<string>()
let waiting: string[] = []

/** Loads the people that are not known yet: one request for everybody who is asked for in the same moment. */
export function ensureProfiles(ids: string[]) {
  const { byId } = people.get()
  const missing = ids.filter((id) => !byId[id] && !asked.has(id))
  if (missing.length === 0) return
  for (const id of missing) asked.add(id)
  if (waiting.length === 0) queueMicrotask(load)
  waiting.push(...missing)
}

async function load() {
  const ids = waiting
  waiting = []
  try {
    applyPeople(await listPeople(await getSupabase(), ids))
  } catch {
    // Asked again by whoever draws them next.
    for (const id of ids) asked.delete(id)
  }
}

export const usePerson = (id: string | null | undefined) =>
  useStore(people, (state) => (id ? (state.byId[id] ?? null) : null))

export const usePeople = (ids: string[]) =>
  useStore(people, (state) => ids.map((id) => state.byId[id]).filter((person) => person !== undefined))

export const useMe = () => useStore(people, (state) => (state.meId ? (state.byId[state.meId] ?? null) : null))
