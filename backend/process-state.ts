import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * When a process started, in whatever words the system has for it; empty when there is none. One that has ended and is
 * only not yet taken note of by its parent (a zombie) is none: it holds no file and no port any more.
 */
export async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  if (stat) {
    // The name, in brackets, may hold blanks: the third field, the state, comes after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, threads, started] = [fields[0] ?? '', Number(fields[17]), fields[19] ?? '']
    // The first thread may have ended before the others, which still hold everything.
    return /[ZXx]/.test(state) && threads <= 1 ? '' : started
  }
  const listed = await run('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  const [, state = '', started = ''] = /^(\S+)\s+(.*)$/.exec(listed.stdout.trim()) ?? []
  return state.startsWith('Z') ? '' : started
}
