export type Role = 'owner' | 'admin' | 'member' | 'guest'

/** Roles that a link can give; ownership is handed over by name only. */
export const INVITED_ROLES = ['member', 'guest', 'admin'] as const
