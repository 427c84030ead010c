import { type CommandIo, EXIT, type Outcome, yuanText } from '@ankang/protocol'
import { runLive } from '../scenarios/live-run.ts'
import type { VirtualHouse } from '../virtual/virtual-house.ts'

const CLEAR_LINE = '\r\u001b[2K'

function banner({ address, doors, buses, paths }: VirtualHouse): string {
  return [
    '',
    `  安康码边缘演示已启动   Ankang Edge is up`,
    '',
    `  页面   page     ${address.httpUrl}`,
    `  消息   broker   ${address.mqttUrl}`,
    ...doors.map(({ post }) => `  门     door     ${post.device} (${post.reader})`),
    ...buses.map(({ post }) => `  公交   bus      ${post.device} (${post.reader}, ${post.line}路 line ${post.line})`),
    `  数据   data     ${paths.root}`,
    '',
    '  按 Ctrl-C 停止   Ctrl-C stops it',
    '',
    '',
  ].join('\n')
}

/** What has come of everyday life so far, short enough for one line of a terminal. */
class Tally {
  readonly #outcomes: Record<Outcome, number> = { admit: 0, deny: 0, refer: 0 }
  #rides = 0
  #fen = 0

  add(outcome: Outcome, fareFen: number | null): void {
    if (fareFen === null) this.#outcomes[outcome]++
    else {
      this.#rides++
      this.#fen += fareFen
    }
  }

  toString(): string {
    const { admit, deny, refer } = this.#outcomes
    const fares = `¥${yuanText(this.#fen)}`
    return `进门 in ${admit} · 乘车 rides ${this.#rides} ${fares} · 拒绝 denied ${deny} · 转人工 referred ${refer}`
  }
}

/** Keeps doors and buses busy until Ctrl-C. */
export async function simLive(house: VirtualHouse, io: CommandIo, nowSeconds: () => number): Promise<number> {
  io.out(banner(house))
  const tally = new Tally()
  try {
    await runLive(house, {
      signal: io.signal,
      nowSeconds,
      onShown: (_, { outcome }, fareFen) => {
        tally.add(outcome, fareFen)
        if (io.interactive) io.out(`${CLEAR_LINE}  ${tally}`)
      },
    })
  } finally {
    if (io.interactive) io.out(`${CLEAR_LINE}  ${tally}\n`)
  }
  io.err('正在停止 · stopping …\n')
  return EXIT.done
}
