import { relative, resolve } from 'node:path'

const NUMBERS = {
  everyHours: ['BACKUP_EVERY_HOURS', 24, 0, 720],
  keepDaily: ['BACKUP_KEEP_DAILY', 7, 1, 366],
  keepWeekly: ['BACKUP_KEEP_WEEKLY', 4, 0, 520],
  walSeconds: ['BACKUP_WAL_SECONDS', 60, 5, 300],
} satisfies Record<string, [name: string, standard: number, least: number, most: number]>

/** When backups are made, where, and how long they are kept. */
export type BackupSettings = Record<keyof typeof NUMBERS, number> & {
  /** Unset: none are made by themselves. */
  dir?: string
}

/** Who may read `/metrics`; nobody when both are unset. */
export type MetricsSettings = {
  /** A caller with this bearer token. */
  token?: string
  /** Programs of this machine that call directly, not through a proxy. */
  loopback: boolean
}

/** Settings of backups and metrics. */
export type OperationsSettings = { backup: BackupSettings; metrics: MetricsSettings }

/** The names in the environment. */
export const operationsVariables = [
  ...['BACKUP_DIR', 'METRICS_TOKEN', 'METRICS_LOOPBACK'],
  ...Object.values(NUMBERS).map(([name]) => name),
]

/** Reads them from the environment; `wrong` lists what cannot be used. */
export function parseOperations(
  env: NodeJS.ProcessEnv,
  root: string,
): OperationsSettings & { wrong: string[] } {
  const wrong: string[] = []
  const read = (name: string) => env[name]?.trim() || undefined
  const numbers = Object.entries(NUMBERS).map(([key, [name, standard, least, most]]) => {
    const text = read(name)
    const value = text === undefined ? standard : /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most))
      wrong.push(`${name}: must be a whole number from ${least} to ${most}`)
    return [key, value]
  })
  const dir = read('BACKUP_DIR')
  if (dir && isInside(resolve(root, dir), resolve(root, read('DATA_DIR') ?? 'data'))) {
    wrong.push('BACKUP_DIR: must be outside of DATA_DIR, and best on another disk')
  }
  const token = read('METRICS_TOKEN')
  if (token && token.length < 16) wrong.push('METRICS_TOKEN: must have at least 16 characters')
  const loopback = read('METRICS_LOOPBACK')?.toLowerCase() ?? 'false'
  if (!/^(true|false|1|0|yes|no)$/.test(loopback)) wrong.push('METRICS_LOOPBACK: must be true or false')
  return {
    backup: {
      ...(Object.fromEntries(numbers) as Record<keyof typeof NUMBERS, number>),
      ...(dir ? { dir: resolve(root, dir) } : {}),
    },
    metrics: { ...(token ? { token } : {}), loopback: /^(true|1|yes)$/.test(loopback) },
    wrong,
  }
}

/** Whether a path is a folder or in it. */
export function isInside(path: string, folder: string): boolean {
  return !/^\.\.([/\\]|$)|^([a-z]:)?[/\\]/i.test(relative(folder, path))
}
