/** Names of the private topics; policies on `realtime.messages` decide who may join. */
export const workspaceTopic = (id: string) => `workspace:${id}`
export const channelTopic = (id: string) => `channel:${id}`

/** Where the database says what has changed, when that is the transport. Nobody but the database speaks there. */
export const changesTopics = {
  user: (id: string) => `changes:user:${id}`,
  workspace: (id: string) => `changes:workspace:${id}`,
  channel: (id: string) => `changes:channel:${id}`,
}
