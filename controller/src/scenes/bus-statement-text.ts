import { yuanText } from '@ankang/protocol'
import type { Sums } from './bus-settlement.ts'
import type { BusStatement, Completeness, OperatorDay } from './bus-statement.ts'
import { fareClassWords } from './bus-words.ts'
import { textTable } from './text-table.ts'

const CHINA_OFFSET_MS = 8 * 3_600_000

const HEADS: readonly (readonly string[])[] = [
  ['', '人次', '全价', '优惠', '已扣', '换乘', '换乘减免', '应结'],
  ['元 yuan', 'rides', 'full fare', 'concession', 'charged', 'transfers', 'transfer off', 'net'],
]

function sumCells(sums: Sums): readonly string[] {
  return [
    String(sums.rides),
    yuanText(sums.fullFareFen),
    yuanText(sums.concessionFen),
    yuanText(sums.chargedFen),
    String(sums.transfers),
    yuanText(sums.transferFen),
    yuanText(sums.netFen),
  ]
}

function dayText(day: number): string {
  return String(day).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
}

/** China time, to the second. */
function timeText(ms: number): string {
  return new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')
}

function operatorDayText(one: OperatorDay): string {
  const lines = one.byLine.map(({ line, ...sums }) => [
    line === null ? '  线路未知 line unknown' : `  ${line}路 line ${line}`,
    ...sumCells(sums),
  ])
  const classes = one.byFareClass.map(({ fareClass, ...sums }) => {
    const { zh, en } = fareClassWords(fareClass)
    return [zh === en ? `  ${zh}` : `  ${zh} ${en}`, ...sumCells(sums)]
  })
  const all = ['合计 all', ...sumCells(one)]
  const table = textTable([...HEADS, all, ['按线路 by line'], ...lines, ['按票类 by fare class'], ...classes])
  return `${dayText(one.day)} · ${one.operator}\n${table}`
}

function devicesText(devices: Completeness['devices']): string {
  if (devices.length === 0) return '没有公交设备的记录 no records of bus devices\n'
  return textTable([
    ['', '最新记录', '', '缺失', '分叉', '隔离'],
    ['设备 device', 'newest record', 'within the hour of', 'missing', 'forks', 'quarantined'],
    ...devices.map(({ device, newest, missing, forks, quarantined }) => [
      device,
      newest === null ? '–' : `#${newest.seq}`,
      newest?.hourMs == null ? '–' : timeText(newest.hourMs).slice(0, 16),
      String(missing),
      String(forks),
      String(quarantined),
    ]),
  ])
}

function unsettledText({ count, places }: Completeness['unsettled']): string {
  if (count === 0) return ''
  const named = places.map(({ device, epoch, seq, why }) => `  ${device} ${epoch} #${seq}: ${why}\n`).join('')
  const more = count > places.length ? `  … 及另外 and ${count - places.length} 条 more\n` : ''
  return `未能结算的记录 records that could not be settled: ${count}\n${named}${more}`
}

/** What reading a statement must not miss, in one line. */
export function completenessLine({ asOfMs, completeness }: BusStatement): string {
  const { ridesRead, clockUnvouched, unsettled, quarantined, devices } = completeness
  const missing = devices.reduce((sum, device) => sum + device.missing, 0)
  const forks = devices.reduce((sum, device) => sum + device.forks, 0)
  const asOf = asOfMs === null ? '没有记录 no records' : `截至 as of ${timeText(asOfMs)} UTC+8`
  return [
    asOf,
    `读取乘车 rides read ${ridesRead}`,
    `未结算 not settled ${unsettled.count}`,
    `隔离未计 quarantined, left out ${quarantined}`,
    `缺失记录 records missing ${missing}`,
    `分叉 forks ${forks}`,
    `时钟未授信 clock not vouched for ${clockUnvouched}`,
  ].join(' · ')
}

/** A statement to be read: amounts in yuan with two decimals, times in China time. */
export function statementText(statement: BusStatement): string {
  const { operator, operatorDays, totals, completeness } = statement
  const none = operator === null ? '没有乘车记录 no rides\n' : `没有 ${operator} 的乘车记录 no rides of ${operator}\n`
  const days = operatorDays.length === 0 ? [none] : operatorDays.map(operatorDayText)
  const sum = operatorDays.length > 1 ? [textTable([...HEADS, ['总计 total', ...sumCells(totals)]])] : []
  return [
    `公交结算 Bus settlement\n${completenessLine(statement)}\n`,
    ...days,
    ...sum,
    devicesText(completeness.devices),
    ...[unsettledText(completeness.unsettled)].filter(text => text !== ''),
  ].join('\n')
}
