import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { EnvironmentError } from '@ankang/protocol'
import { ANKANG_PROGRAM } from './programs.ts'

/** What the controller's store holds of a device, as `ankang export` says it, line by line. Throws `export-failed`. */
export async function* exportedLines(home: string, device: string): AsyncGenerator<string> {
  const child = spawn(process.execPath, [ANKANG_PROGRAM, 'export', '--home', home, '--device', device], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  const complaint = text(child.stderr)
  for await (const line of createInterface(child.stdout)) if (line !== '') yield line
  await closed
  if (child.exitCode === 0) return
  throw new EnvironmentError(
    'export-failed',
    `${device}: 导出失败 · ankang export ended with ${child.exitCode}: ${(await complaint).trim()}`,
    { retryable: false, details: { home } },
  )
}
