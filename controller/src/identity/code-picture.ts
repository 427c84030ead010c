import qrcode from 'qrcode'

const LOOK = { errorCorrectionLevel: 'M', margin: 4 } as const

/** A code as its box's scanner reads it, for a page. */
export function codeAsSvg(qr: string): Promise<string> {
  return qrcode.toString(qr, { ...LOOK, type: 'svg' })
}

/** The same for a terminal; `coloured` sets black and white whatever the terminal's own are. */
export function codeForTerminal(qr: string, coloured: boolean): Promise<string> {
  return qrcode.toString(qr, coloured ? { ...LOOK, type: 'terminal', small: true } : { ...LOOK, type: 'utf8' })
}
