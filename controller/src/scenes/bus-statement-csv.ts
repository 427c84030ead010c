import type { Sums } from './bus-settlement.ts'
import type { BusStatement } from './bus-statement.ts'

const SUMS: readonly (keyof Sums)[] = [
  'rides',
  'fullFareFen',
  'concessionFen',
  'chargedFen',
  'transfers',
  'transferFen',
  'netFen',
]

/**
 * The sums as CSV (RFC 4180), amounts in fen. Column `by` tells what a row is of: `all` of an operator's day, one `line` (key
 * empty: unknown), or one `fareClass`. Each of the three adds up to the same. No field needs quotes: `readRide` let through
 * letters, digits and hyphens alone.
 */
export function statementCsv({ asOfMs, operatorDays }: BusStatement): string {
  const asOf = asOfMs === null ? '' : new Date(asOfMs).toISOString()
  const rows = operatorDays.flatMap(({ day, operator, byLine, byFareClass, ...all }) => {
    const row = (by: string, key: string, sums: Sums): string =>
      [asOf, day, operator, by, key, ...SUMS.map(name => sums[name])].join(',')
    return [
      row('all', '', all),
      ...byLine.map(({ line, ...sums }) => row('line', line ?? '', sums)),
      ...byFareClass.map(({ fareClass, ...sums }) => row('fareClass', fareClass, sums)),
    ]
  })
  return [['asOf', 'day', 'operator', 'by', 'key', ...SUMS].join(','), ...rows, ''].join('\r\n')
}
