import { create } from 'qrcode'

/** The characters of QR's alphanumeric mode. Source: ISO/IEC 18004 §7.3.4. */
const ALPHANUMERIC = /^[0-9A-Z $%*+\-./:]+$/

/** Light modules around a symbol that readers rely on. Source: ISO/IEC 18004 §6.3.8. */
export const QUIET_ZONE_MODULES = 4

/** A QR symbol without its quiet zone. */
export interface QrMatrix {
  /** Modules a side. */
  readonly size: number
  isDark(row: number, column: number): boolean
}

/**
 * The QR symbol of `code`, error correction M: in the denser alphanumeric mode where all of it fits that, as AK1 texts do; else
 * in byte mode and without an ECI, as ride codes are shown.
 */
export function qrMatrix(code: Uint8Array): QrMatrix {
  const text = Buffer.from(code).toString('latin1')
  const content = ALPHANUMERIC.test(text) ? text : [{ data: code, mode: 'byte' as const }]
  const { modules } = create(content, { errorCorrectionLevel: 'M' })
  return {
    size: modules.size,
    isDark: (row, column) =>
      row >= 0 && column >= 0 && row < modules.size && column < modules.size && modules.get(row, column) === 1,
  }
}
