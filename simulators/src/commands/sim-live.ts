import { type CommandIo, EXIT, type Outcome } from '@ankang/protocol'
import { runLive } from '../scenarios/live-run.ts'
import type { VirtualHall } from '../virtual/virtual-hall.ts'

const CLEAR_LINE = '\r\u001b[2K'

function banner({ address, doors, paths }: VirtualHall): string {
  return [
    '',
    `  安康码边缘演示已启动   Ankang Edge is up`,
    '',
    `  页面   page     ${address.httpUrl}`,
    `  消息   broker   ${address.mqttUrl}`,
    ...doors.map(({ door }) => `  门     door     ${door.device} (${door.reader})`),
    `  数据   data     ${paths.root}`,
    '',
    '  按 Ctrl-C 停止   Ctrl-C stops it',
    '',
    '',
  ].join('\n')
}

/** Keeps the doors busy until Ctrl-C. */
export async function simLive(hall: VirtualHall, io: CommandIo, nowSeconds: () => number): Promise<number> {
  io.out(banner(hall))
  const counts: Record<Outcome, number> = { admit: 0, deny: 0, refer: 0 }
  const status = () => `通行 admitted ${counts.admit} · 拒绝 denied ${counts.deny} · 转人工 referred ${counts.refer}`
  try {
    await runLive(hall, {
      signal: io.signal,
      nowSeconds,
      onShown: (_, outcome) => {
        counts[outcome]++
        if (io.interactive) io.out(`${CLEAR_LINE}  ${status()}`)
      },
    })
  } finally {
    if (io.interactive) io.out(`${CLEAR_LINE}  ${status()}\n`)
  }
  io.err('正在停止 · stopping …\n')
  return EXIT.done
}
