import { createStore, useStore } from '@/lib/store'

/** Counts invitations made on this page, so that an open list of them knows it is old. */
const made = createStore(0)

export const invitationMade = () => made.set((count) => count + 1)

export const useInvitationsMade = () => useStore(made, (count) => count)
