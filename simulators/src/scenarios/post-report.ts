import { type DeviceCounts, readDeviceCounts } from '../virtual/controller-api.ts'
import { countOpenings } from '../virtual/relay-log.ts'
import type { OpenPost, VirtualHouse } from '../virtual/virtual-house.ts'
import { playedClips } from '../virtual/voice-log.ts'
import { cameAsExpected, countOutcome, describeSurprise, type ShownShowing } from './shown-showing.ts'

/** Counts of one device in this run, each measured where it happens: at the reader, in the device, at the centre, at relay and voice. */
export interface PostReport {
  readonly device: string
  readonly scene: OpenPost['post']['scene']
  readonly reader: OpenPost['post']['reader']
  readonly shown: number
  readonly recordsWritten: number
  readonly recordsStored: number
  readonly duplicates: number
  readonly gaps: number
  /** Of a door. */
  readonly openings: number
  readonly voices: number
  /** Of a bus, as the export has them. */
  readonly rides: number
  readonly chargedFen: number
}

const NOTHING_STORED = { recordsStored: 0, showingsStored: 0, duplicates: 0, gaps: 0 }

/** What the centre holds of a device. Throws `controller-unreachable`. */
export async function storedOf({ access }: VirtualHouse, device: string): Promise<DeviceCounts> {
  const all = await readDeviceCounts(access)
  return all.find(counts => counts.device === device) ?? { device, ...NOTHING_STORED }
}

/** What was counted around a device up to now. */
export interface PostCounts {
  readonly stored: DeviceCounts
  readonly written: number
  readonly openings: number
  readonly voices: number
}

export async function countPost(house: VirtualHouse, { post, device }: OpenPost): Promise<PostCounts> {
  const { relay, voice } = house.paths.device(post.device)
  return {
    stored: await storedOf(house, post.device),
    written: device.showings,
    openings: countOpenings(relay),
    voices: playedClips(voice).length,
  }
}

/** The counts of one run: what was counted after it, less what was there before. */
export function reportPost(
  { post: { device, scene, reader } }: OpenPost,
  shown: readonly ShownShowing[],
  { before, after }: Readonly<Record<'before' | 'after', PostCounts>>,
  { rides, chargedFen }: Pick<PostReport, 'rides' | 'chargedFen'>,
): PostReport {
  return {
    device,
    scene,
    reader,
    shown: shown.length,
    recordsWritten: after.written - before.written,
    recordsStored: after.stored.showingsStored - before.stored.showingsStored,
    duplicates: after.stored.duplicates,
    gaps: after.stored.gaps,
    openings: after.openings - before.openings,
    voices: after.voices - before.voices,
    rides,
    chargedFen,
  }
}

/** What is not as it has to be, one line each. */
export function postFailures(report: PostReport, shown: readonly ShownShowing[]): string[] {
  const { device, scene, recordsWritten, recordsStored, duplicates, gaps, openings, voices } = report
  const admitted = scene === 'hall-door' ? countOutcome(shown, 'admit') : 0
  const checks: readonly (readonly [boolean, string])[] = [
    [recordsWritten === shown.length, `${shown.length} showings, but ${recordsWritten} records written`],
    [recordsStored === recordsWritten, `${recordsWritten} records written, but ${recordsStored} stored`],
    [duplicates === 0, `${duplicates} records stored twice`],
    [gaps === 0, `${gaps} records missing in the store`],
    [openings === admitted, `${admitted} admissions, but ${openings} openings`],
    [voices === shown.length, `${shown.length} showings, but ${voices} voices played`],
  ]
  return [
    ...checks.filter(([holds]) => !holds).map(([, what]) => `${device}: ${what}`),
    ...shown.filter(one => !cameAsExpected(one)).map(one => describeSurprise(device, one)),
  ]
}
