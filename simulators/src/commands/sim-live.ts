import { type CommandIo, EXIT, type Outcome, yuanText } from '@ankang/protocol'
import { runLive } from '../scenarios/live-run.ts'
import { type DemoAccount, openDemoAccounts } from '../virtual/demo-accounts.ts'
import type { VirtualHouse } from '../virtual/virtual-house.ts'

const CLEAR_LINE = '\r\u001b[2K'

function accountLine({ name, role, oneTimePassword }: DemoAccount): string {
  const password = oneTimePassword ?? '(你的密码 your password)'
  return `  登录   log-in   ${name.padEnd(12)}${role.padEnd(24)}${password}`
}

function banner({ address, doors, buses, paths }: VirtualHouse, accounts: readonly DemoAccount[]): string {
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
    ...accounts.map(accountLine),
    '  一次性密码首次登录时更改；除 viewer 外还需手机验证器（TOTP）',
    '  one-time passwords are changed at the first log-in; all but the viewer then scan a code with an authenticator app',
    `  忘记   lost     npx --no ankang operator reset NAME --home ${paths.root}`,
    '',
    '  证书由本机 CA 签发，浏览器会提示；可导入信任   the page is vouched for by the house’s own CA; browsers ask, or trust it:',
    `                  ${paths.caCertificate}`,
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
  const { firstOperator } = house
  const admin = { name: firstOperator?.name ?? 'admin', role: 'security-administrator' }
  const accounts = await openDemoAccounts(house.paths)
  io.out(banner(house, [{ ...admin, oneTimePassword: firstOperator?.oneTimePassword ?? null }, ...accounts]))
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
