import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, EXIT, isCalendarDay, UsageError } from '@ankang/protocol'
import { BUS } from '../scenes/bus-record.ts'
import type { BusStatement } from '../scenes/bus-statement.ts'
import { statementCsv } from '../scenes/bus-statement-csv.ts'
import { completenessLine, statementText } from '../scenes/bus-statement-text.ts'
import { settleRides } from '../scenes/settle-rides.ts'
import { daybookHas } from '../store/daybook.ts'
import { isOfThisVersion } from '../store/store.ts'
import { type HomeStore, openHomeStore } from './home-store.ts'
import { intoWholeFile } from './whole-file.ts'

const HELP = `用法 usage: ankang settle [--home DIR] [--day YYYYMMDD] [--operator ID] [--json | --csv] [--out FILE]

公交结算：按运营方和运营日汇总乘车与金额，集中核减换乘，只有数目和金额；控制中心运行时也可结算。
Settles bus rides by operator and operating day, transfers included; counts and amounts alone. Works while the controller
runs. Late records change a settlement: settle again, and compare "as of".

  --home DIR       数据目录，默认 .ankang   home folder; reads DIR/controller/store.sqlite and changes nothing in it
  --day YYYYMMDD   只结一个运营日   only this operating day
  --operator ID    只列一个运营方   list only this operator; transfers from the others' buses are found all the same
  --json           金额为整数分   as JSON, amounts in whole fen
  --csv            金额为整数分   as CSV, amounts in whole fen; what may be missing goes to standard error
  --out FILE       写入文件，写完才出现   into FILE, which appears when it is complete; otherwise to standard output

例 example: ankang settle --home .ankang --day 20260301
`

type Format = (statement: BusStatement) => string

const toJson: Format = statement => `${JSON.stringify(statement, null, 2)}\n`

function parseArguments(argv: readonly string[]) {
  const options = {
    home: { type: 'string', default: '.ankang' },
    day: { type: 'string' },
    operator: { type: 'string' },
    json: { type: 'boolean' },
    csv: { type: 'boolean' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const
  return parseArgs({ args: [...argv], options }).values
}

function parseDay(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^\d{8}$/.test(text) && isCalendarDay(Number(text))) return Number(text)
  throw new UsageError(
    'day-invalid',
    `--day: 应为 YYYYMMDD，expected a day as YYYYMMDD, as in 20260301, got ${JSON.stringify(text)}`,
  )
}

function insistOnThisVersion({ db, file }: HomeStore): void {
  if (isOfThisVersion(db) && daybookHas(db, BUS)) return
  throw new UsageError(
    'store-older',
    `${file}: 请先用本版本启动一次控制器 · expected a store as this version keeps it; start the controller of this version once, it brings the store up to date`,
    { details: { file } },
  )
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { home, day, operator, json, csv, out, help } = parseArguments(argv)
  if (help === true) {
    io.out(HELP)
    return EXIT.done
  }
  if (json === true && csv === true)
    throw new UsageError('flags-exclusive', '--json 与 --csv 只能选一个 · expected --json or --csv, got both')
  const format = json === true ? toJson : csv === true ? statementCsv : statementText
  const options = { day: parseDay(day), operator: operator ?? null, signal: io.signal }
  const store = openHomeStore(io.cwd, home)
  try {
    insistOnThisVersion(store)
    const statement = await settleRides(store.db, options)
    if (statement === null) {
      io.err('ankang settle: 中途停止 stopped before the end\n')
      return EXIT.fault
    }
    const text = format(statement)
    if (out === undefined) io.out(text)
    else
      await intoWholeFile(resolve(io.cwd, out), async sink => {
        await sink(text)
        return true
      })
    // sums alone do not say what they lack
    if (csv === true) io.err(`${completenessLine(statement)}\n`)
    return EXIT.done
  } finally {
    store.db.close()
  }
}

export const settleCommand: Command = {
  name: 'settle',
  summary: '公交结算 · bus rides settled by operator and day',
  help: HELP,
  run,
}
