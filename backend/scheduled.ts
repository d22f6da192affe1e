import type postgres from 'postgres'
import type { Logger } from './log'
import type { Deps, Service } from './services'

const FIRST_AFTER_MS = 60_000
const EVERY_MS = 15 * 60_000
/** Nobody waits for them, and what they hold others may want. */
const STATEMENT_TIMEOUT_MS = 60_000

/**
 * Calls every function of the database whose comment says `@scheduled` and which needs no argument, one after the other.
 * Returns the names of those that went well; the others are in the log and are called again the next time.
 */
export async function runScheduled(sql: postgres.Sql, log: Logger): Promise<string[]> {
  const functions = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, p.proname) as name
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prokind = 'f' and p.pronargs = p.pronargdefaults
      and obj_description(p.oid, 'pg_proc') ~ '@scheduled\\M'
      -- What others have put there is not called with the rights of this role.
      and pg_get_userbyid(p.proowner) = current_user
    order by name`
  const done: string[] = []
  for (const { name } of functions) {
    try {
      await sql.unsafe(`select ${name}()`)
      done.push(name)
    } catch (err) {
      log.warn({ err, function: name }, 'A scheduled function failed')
    }
  }
  return done
}

/** What pg_cron does on Supabase: clears away and the like, also while nobody is here. */
export function createScheduled({ database, log }: Deps): Service {
  // A connection of its own for a moment every quarter of an hour.
  const sql = database.connect('postgres', {
    max: 1,
    idle_timeout: 5,
    connection: { application_name: 'enterprise-chat scheduled', statement_timeout: STATEMENT_TIMEOUT_MS },
  })
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let stopped = false

  function plan(milliseconds: number): void {
    if (stopped) return
    timer = setTimeout(() => {
      running = runScheduled(sql, log)
        .then(
          (functions) => log.debug({ functions }, 'Scheduled functions were called'),
          (err: unknown) => log.warn({ err }, 'Scheduled functions could not be called'),
        )
        .then(() => plan(EVERY_MS))
    }, milliseconds)
    timer.unref()
  }

  return {
    name: 'scheduled',
    async start() {
      plan(FIRST_AFTER_MS)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
      await sql.end({ timeout: 5 })
    },
  }
}
