import { type CommandIo, EXIT, yuanText } from '@ankang/protocol'
import { type OnceReport, runOnce } from '../scenarios/once-run.ts'
import type { PostReport } from '../scenarios/post-report.ts'
import type { VirtualHouse } from '../virtual/virtual-house.ts'

const PROGRESS_EVERY_MS = 2000

export interface SimOnceOptions {
  readonly showings: number
  readonly json: boolean
  nowSeconds(): number
}

function yuan(fen: number): string {
  return `${yuanText(fen)} 元 yuan`
}

function describePost({
  device,
  scene,
  reader,
  shown,
  recordsStored,
  openings,
  rides,
  chargedFen,
}: PostReport): string {
  const moved = scene === 'bus' ? `${rides} 次乘车 rides, ${yuan(chargedFen)}` : `${openings} 次开门 openings`
  return `  ${device}  ${reader}: ${shown} 次出示 shown, ${recordsStored} 条入库 stored, ${moved}`
}

function summary(report: OnceReport): string {
  const { shown, admitted, denied, referred, recordsStored, rides, chargedFen, stages, devices } = report
  return [
    `出示 shown ${shown} · 通行 admitted ${admitted} · 拒绝 denied ${denied} · 转人工 referred ${referred} · 入库 stored ${recordsStored}`,
    `乘车 rides ${rides} · ${yuan(chargedFen)}`,
    ...devices.map(describePost),
    `全程 total p50 ${stages.total.p50} ms, p99 ${stages.total.p99} ms`,
    '',
  ].join('\n')
}

/** Shows every kind of code once around, prints what came of it; exit 0 only when everything is as it has to be. */
export async function simOnce(house: VirtualHouse, io: CommandIo, options: SimOnceOptions): Promise<number> {
  let shown = 0
  const tell = () => io.err(`已出示 ${shown}/${options.showings} · shown\n`)
  const progress = setInterval(tell, PROGRESS_EVERY_MS)
  try {
    const { showings, nowSeconds } = options
    const { report, failures } = await runOnce(house, {
      showings,
      nowSeconds,
      signal: io.signal,
      onShown: () => shown++,
    })
    for (const failure of failures) io.err(`不符 not as it has to be: ${failure}\n`)
    io.out(options.json ? `${JSON.stringify(report)}\n` : summary(report))
    return failures.length === 0 ? EXIT.done : EXIT.fault
  } finally {
    clearInterval(progress)
  }
}
