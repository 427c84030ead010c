#!/usr/bin/env node
import { dispatch, installedCommands } from '../dist/commands/dispatch.js'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort())
process.stdout.on('error', error => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
const io = {
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
  interactive: process.stdout.isTTY === true,
  cwd: process.cwd(),
  signal: stop.signal,
}
process.exitCode = await dispatch(process.argv.slice(2), io, await installedCommands(specifier => import(specifier)))
