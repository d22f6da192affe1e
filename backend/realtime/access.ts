import type postgres from 'postgres'
import type { Horizon } from './horizon'
import type { Principal } from './principals'

/** What somebody may do on a topic. */
export type Rights = {
  hearBroadcast: boolean
  hearPresence: boolean
  speakBroadcast: boolean
  speakPresence: boolean
}

/** Public topics have no policies. */
export const ALL_RIGHTS: Rights = {
  hearBroadcast: true,
  hearPresence: true,
  speakBroadcast: true,
  speakPresence: true,
}

export const NO_RIGHTS: Rights = {
  hearBroadcast: false,
  hearPresence: false,
  speakBroadcast: false,
  speakPresence: false,
}

/** Asks the policies on `realtime.messages` about private topics. */
export class Access {
  private readonly sql: postgres.Sql
  private readonly horizon: Horizon

  constructor(sql: postgres.Sql, horizon: Horizon) {
    this.sql = sql
    this.horizon = horizon
  }

  async rights(principal: Principal, topic: string): Promise<Rights> {
    const { role, claims } = principal
    // PostgreSQL's text has no NUL, so no policy can name such a topic.
    if (topic.includes('\0') || claims.includes('\\u0000')) return NO_RIGHTS
    const { answer } = await this.horizon.ask(async () => {
      const rows = await this.sql<Answer[]>`
        select pg_current_snapshot()::text as snapshot, a.*
        from realtime.authorize(${topic}, ${role}, ${claims}) a`
      const answer = rows[0] as Answer
      return { snapshot: answer.snapshot, answer }
    })
    return {
      hearBroadcast: answer.hear_broadcast,
      hearPresence: answer.hear_presence,
      speakBroadcast: answer.speak_broadcast,
      speakPresence: answer.speak_presence,
    }
  }
}

type Answer = {
  snapshot: string
  hear_broadcast: boolean
  hear_presence: boolean
  speak_broadcast: boolean
  speak_presence: boolean
}
