import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, EXIT, type ExportLine, UsageError } from '@ankang/protocol'
import { exportLines, hasDevice } from '../store/export-rows.ts'
import { openHomeStore } from './home-store.ts'
import { intoWholeFile, type Sink } from './whole-file.ts'

const HELP = `用法 usage: ankang export [--home DIR] [--device ID] [--out FILE]

把控制中心的存储导出为 JSON 行，供独立核对；控制中心运行时也可导出。
The controller's store as JSON lines, for anyone to check; works while the controller runs.

  --home DIR     数据目录，默认 .ankang   home folder; reads DIR/controller/store.sqlite and changes nothing in it
  --device ID    只导出一台设备   only this device
  --out FILE     写入文件，写完才出现   into FILE, which appears when it is complete; otherwise to standard output

例 example: ankang export --home .ankang --out ledger.jsonl
`

/** Written at once: a line each would cost a system call each. */
const CHUNK_CHARS = 64 * 1024

function parseArguments(argv: readonly string[]) {
  const options = {
    home: { type: 'string', default: '.ankang' },
    device: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const
  return parseArgs({ args: [...argv], options }).values
}

async function writeLines(lines: Iterable<ExportLine>, sink: Sink, signal: AbortSignal): Promise<boolean> {
  let chunk = ''
  for (const line of lines) {
    chunk += `${JSON.stringify(line)}\n`
    if (chunk.length < CHUNK_CHARS) continue
    if (signal.aborted) return false
    await sink(chunk)
    chunk = ''
  }
  if (signal.aborted) return false
  await sink(chunk)
  return true
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, device, out, help } = parseArguments(argv)
  if (help === true) {
    io.out(HELP)
    return EXIT.done
  }
  const { file, db } = openHomeStore(io.cwd, home)
  try {
    if (device !== undefined && !hasDevice(db, device))
      throw new UsageError('device-unknown', `--device: nothing of ${JSON.stringify(device)} is stored in ${file}`)
    const write = (sink: Sink): Promise<boolean> => writeLines(exportLines(db, device ?? null), sink, io.signal)
    const complete =
      out === undefined ? await write(async text => io.out(text)) : await intoWholeFile(resolve(io.cwd, out), write)
    if (!complete) io.err('ankang export: stopped before the end\n')
    return complete ? EXIT.done : EXIT.fault
  } finally {
    db.close()
  }
}

export const exportCommand: Command = {
  name: 'export',
  summary: '导出记录链 · the ledger as JSON lines, for anyone to check',
  help: HELP,
  run,
}
