import { create } from 'qrcode'

/** Light modules around a symbol that readers rely on. Source: ISO/IEC 18004 §6.3.8. */
export const QUIET_ZONE_MODULES = 4

/** A QR symbol without its quiet zone. */
export interface QrMatrix {
  /** Modules a side. */
  readonly size: number
  isDark(row: number, column: number): boolean
}

/** The QR symbol of `text`, error correction M; AK1 texts come out in the denser alphanumeric mode by themselves. */
export function qrMatrix(text: string): QrMatrix {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  return {
    size: modules.size,
    isDark: (row, column) =>
      row >= 0 && column >= 0 && row < modules.size && column < modules.size && modules.get(row, column) === 1,
  }
}
