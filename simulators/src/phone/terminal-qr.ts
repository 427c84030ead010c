import { type QrMatrix, QUIET_ZONE_MODULES } from './qr-matrix.ts'

/** Black on bright white, both stated: the symbol must not depend on the terminal's own colours. */
const INK_ON_PAPER = '\u001b[38;5;16;48;5;231m'
const RESET = '\u001b[0m'

/** A QR symbol with its quiet zone as text: one character is two modules high, dark ones are ink. */
export function terminalQr(matrix: QrMatrix): string {
  const lines: string[] = []
  const from = -QUIET_ZONE_MODULES
  const end = matrix.size + QUIET_ZONE_MODULES
  for (let row = from; row < end; row += 2) {
    let line = ''
    for (let column = from; column < end; column++) {
      const upper = matrix.isDark(row, column)
      const lower = matrix.isDark(row + 1, column)
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' '
    }
    lines.push(`${INK_ON_PAPER}${line}${RESET}`)
  }
  return lines.join('\n')
}
