import { UsageError } from '@ankang/protocol'

export interface NumberRange {
  readonly from: number
  readonly through: number
}

/** A whole number given on the command line, or `fallback` when it was not given. Throws `usage`. */
export function numberOption(name: string, text: string | undefined, fallback: number, range: NumberRange): number {
  if (text === undefined) return fallback
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= range.from && value <= range.through) return value
  throw new UsageError(
    'usage',
    `--${name}: expected a whole number from ${range.from} to ${range.through}, got ${JSON.stringify(text)}`,
  )
}
