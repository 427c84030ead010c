/*
 * npm run fuzz -- [--family ak1|jtt1179|hc1] [--seed N] [--inputs N] [--state FILE]; more with --help
 */
import { programFault } from '@ankang/protocol'
import { fuzzCommand } from './fuzz/fuzz-command.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())

try {
  const io = {
    out: (text: string) => process.stdout.write(text),
    err: (text: string) => process.stderr.write(text),
    interactive: process.stderr.isTTY === true,
    cwd: process.cwd(),
    signal: stop.signal,
  }
  const vectors = process.env['ANKANG_VECTORS'] ?? ''
  process.exitCode = await fuzzCommand(process.argv.slice(2), io, vectors === '' ? {} : { vectors })
} catch (error) {
  const { text, exitCode } = programFault('fuzz', error)
  process.stderr.write(text)
  process.exitCode = exitCode
}
