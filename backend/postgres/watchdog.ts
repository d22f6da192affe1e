import { type ChildProcess, spawn } from 'node:child_process'
import type { SystemUser } from './system-user'

/**
 * Stops PostgreSQL cleanly when we are killed: a shell reads from a pipe that ends with this process, whatever
 * ends it. Returns the function that calls it off.
 */
export function watch(postmaster: ChildProcess, user: SystemUser): () => void {
  const script = 'read -r answer || kill -INT "$1"'
  const shell = spawn('/bin/sh', ['-c', script, 'watchdog', String(postmaster.pid)], {
    ...user,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    // Its own group: Ctrl-C in a terminal must not take it before its time.
    detached: true,
  })
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  return () => shell.stdin.end('done\n')
}
