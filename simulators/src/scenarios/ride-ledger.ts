import { isDeepStrictEqual } from 'node:util'
import { decodeBody, decodeRide, type ExportLine, fromHex, parseJson, type Ride } from '@ankang/protocol'
import { exportedLines } from '../virtual/exported-lines.ts'
import type { ShownRide } from './bus-showings.ts'
import { cameAsExpected } from './shown-showing.ts'

/** Rides by the number of their record. */
export type RideLedger = ReadonlyMap<number, Ride>

function readRide(line: ExportLine): readonly [number, Ride] | null {
  if (line.kind !== 'record' || line.body === undefined) return null
  const body = decodeBody(fromHex(line.body))
  if (!body.ok || body.value.type !== 'showing' || body.value.outcome !== 'admit') return null
  const ride = decodeRide(body.value.sceneMap)
  return ride.ok ? [line.seq, ride.value] : null
}

/** The rides of a bus from record `from` on, as `ankang export` gives them to an outsider. Throws `export-failed`. */
export async function readRides(home: string, device: string, from: number): Promise<RideLedger> {
  const rides = new Map<number, Ride>()
  for await (const text of exportedLines(home, device)) {
    const entry = readRide(parseJson(text, { code: 'export-line-invalid', source: 'ankang export' }) as ExportLine)
    if (entry !== null && entry[0] >= from) rides.set(...entry)
  }
  return rides
}

export function sumOfFares(ledger: RideLedger): number {
  return [...ledger.values()].reduce((sum, { chargedFen }) => sum + chargedFen, 0)
}

/** What the export has otherwise of one ride; null where it agrees. */
function difference(device: string, { showing, event, position }: ShownRide, ride: Ride | undefined): string | null {
  const record = `${device}, record ${event.seq}: ${showing.scenario}`
  if (ride === undefined) return `${record} rode, and no ride is in the export`
  const { fareFen } = showing.expected
  if (ride.chargedFen !== fareFen) return `${record} should cost ${fareFen} fen, was charged ${ride.chargedFen}`
  if (isDeepStrictEqual(ride.position, position)) return null
  return `${record} was at ${JSON.stringify(position)}, the record says ${JSON.stringify(ride.position)}`
}

/** What the export has otherwise than it was on the bus, one line each. Showings that came out otherwise are told of elsewhere. */
export function ledgerFailures(device: string, shown: readonly ShownRide[], ledger: RideLedger): string[] {
  const rode = shown.filter(one => one.event.outcome === 'admit')
  const expectedFen = shown.reduce((sum, { showing }) => sum + (showing.expected.fareFen ?? 0), 0)
  const chargedFen = sumOfFares(ledger)
  return [
    ...rode.filter(cameAsExpected).flatMap(one => difference(device, one, ledger.get(one.event.seq ?? 0)) ?? []),
    ...(ledger.size === rode.length ? [] : [`${device}: ${rode.length} rides, but ${ledger.size} in the export`]),
    ...(chargedFen === expectedFen ? [] : [`${device}: fares of ${expectedFen} fen, but ${chargedFen} in the export`]),
  ]
}
