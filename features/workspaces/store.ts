import { createStore, useStore } from '@/lib/store'
import { unchanged } from '@/lib/unchanged'
import type { Workspace } from './schema'

type State = { list: Workspace[]; currentId: string | null }

export const workspaces = createStore<State>({ list: [], currentId: null })

export function setWorkspaces(list: Workspace[], currentId: string | null) {
  workspaces.set((state) => unchanged({ list, currentId }, state))
}

/** Merges a row into the workspace it belongs to, or adds it. */
export function applyWorkspace(row: Partial<Workspace> & { id: string }) {
  workspaces.set((state) => {
    const known = state.list.some((item) => item.id === row.id)
    const list = known
      ? state.list.map((item) => (item.id === row.id ? { ...item, ...row } : item))
      : [...state.list, { unread: false, mention_count: 0, role: 'member', icon: null, ...row } as Workspace]
    return { ...state, list }
  })
}

export function removeWorkspace(id: string) {
  workspaces.set((state) => ({
    list: state.list.filter((item) => item.id !== id),
    currentId: state.currentId === id ? null : state.currentId,
  }))
}

export const useWorkspaces = () => useStore(workspaces, (state) => state.list)

export const useCurrentWorkspace = () =>
  useStore(workspaces, (state) => state.list.find((item) => item.id === state.currentId) ?? null)
