/** Names of the private topics; policies on `realtime.messages` decide who may join. */
export const workspaceTopic = (id: string) => `workspace:${id}`
export const channelTopic = (id: string) => `channel:${id}`
