import { createStore } from '@/lib/store'

/** Dialogs that are opened from several places: a button, a shortcut, an empty state. */
export type DialogRequest =
  | { name: 'switcher' }
  | { name: 'shortcuts' }
  | { name: 'create-channel'; channelName?: string }
  | { name: 'new-message' }
  | { name: 'status' }
  | { name: 'invite' }
  | { name: 'add-people'; channelId: string }
  | { name: 'edit-channel'; channelId: string }

export const dialogRequest = createStore<DialogRequest | null>(null)

export const openDialog = (request: DialogRequest) => dialogRequest.set(request)

export const closeDialog = () => dialogRequest.set(null)
