import { readFileSync } from 'node:fs'
import { BugError } from '@ankang/protocol'

/** Resident memory of a process by the kernel's account, in MB of 2^20 bytes. Throws a BugError where it has ended. */
export function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kb === undefined) throw new BugError('resident-unknown', `/proc/${pid}/status names no VmRSS`)
  return Number(kb) / 1024
}
