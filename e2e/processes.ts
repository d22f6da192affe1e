import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type Process = { pid: number; parent: number; command: string }

/** The process and everything below it, as the system sees it now. */
export async function processTree(root: number): Promise<Process[]> {
  const { stdout } = await run('ps', ['-ww', '-A', '-o', 'pid=,ppid=,args='], { maxBuffer: 16 << 20 })
  const all = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ pid: Number(match[1]), parent: Number(match[2]), command: match[3] as string }))
  const tree = all.filter(({ pid }) => pid === root)
  for (const known of tree) tree.push(...all.filter(({ parent }) => parent === known.pid))
  return tree
}

/** What a server is made of, told apart by command line. */
export function sortParts(tree: Process[]) {
  const postmaster = tree.find(({ command }) => /\/postgres .*-D /.test(command))
  const isPostgres = ({ command, parent }: Process) =>
    command.startsWith('postgres: ') || (postmaster !== undefined && parent === postmaster.pid)
  const next = tree.filter(({ command }) => /next-server|next\/dist|standalone\/.*server\.js/.test(command))
  // A connection shows who it is of and what it does: "postgres: authenticator postgres [local] idle".
  const connections = tree.filter(({ command }) => /^postgres: .*\[local\]/.test(command))
  const walsender = connections.find(({ command }) => command.startsWith('postgres: walsender'))
  return {
    postmaster,
    walsender,
    connections: connections.filter((entry) => entry !== walsender),
    postgres: tree.filter((entry) => entry === postmaster || isPostgres(entry)),
    next,
    // The process that `npm start` becomes; everything else is below it.
    backend: tree[0],
  }
}

/**
 * Memory in bytes that is this process's own share: pages that PostgreSQL's processes share are counted once in all,
 * not once in each, as a sum of resident sizes would.
 */
export async function proportionalMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}

export async function residentMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}

/** Milliseconds of processor time that this process has used, in steps of ten. */
export async function processorTime(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name in brackets may hold spaces; user and system time are the 14th and 15th field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
