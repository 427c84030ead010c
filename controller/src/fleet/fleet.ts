import { type AlarmPayload, type Catalogue, type ReportedPayload, type SignedHead, toHex } from '@ankang/protocol'
import type { DeviceDirectory, KnownDevice } from '../ingest/device-directory.ts'
import type { IngestListener, SeqRange, WorkedOff } from '../ingest/ingest.ts'
import type { ControllerScene } from '../scenes/controller-scene.ts'
import type { RecordReader, StoredShowing } from '../store/record-reader.ts'
import type { Tallies, Tally } from '../store/tally.ts'
import type { DeviceStanding } from './device-standing.ts'
import { type DeviceStatus, forkAlarm, quarantineAlarm } from './device-status.ts'
import type { LiveFeed } from './live-feed.ts'
import { type DeviceView, type ShowingView, showingView } from './views.ts'

/** A catch-up after days offline brings thousands at once: the stream shows the newest, the totals count all. */
const MAX_SHOWINGS_A_BATCH = 10

interface FleetParts {
  readonly directory: DeviceDirectory
  readonly reader: RecordReader
  readonly tallies: Tallies
  readonly feed: LiveFeed
  readonly catalogue: Catalogue
  readonly scenes: readonly ControllerScene[]
  readonly standing: DeviceStanding
  readonly nowMs: () => number
}

/** Every listed device with what is stored of it and what was last heard of it. */
export class Fleet implements IngestListener {
  readonly #parts: FleetParts
  /** Of each device that was asked for or heard of: devices are enrolled while this runs. */
  readonly #statuses = new Map<string, DeviceStatus>()

  constructor(parts: FleetParts) {
    this.#parts = parts
  }

  deviceViews(): readonly DeviceView[] {
    const tallyOf = this.#parts.tallies.ofDevices()
    return this.#parts.directory.all().map(known => this.#view(known, tallyOf(known.device)))
  }

  deviceCount(): number {
    return this.#parts.directory.all().length
  }

  /** Null for a device that is none of ours. */
  deviceView(device: string): DeviceView | null {
    const known = this.#parts.directory.find(device)
    return known === null ? null : this.#view(known)
  }

  /** The whole of what a device of ours last said of its desired state. */
  reportedBy(device: string): ReportedPayload | null {
    return this.#statusOf(device).reported
  }

  /** Hex; null while the device's present run was not heard of. */
  bootNonceOf(device: string): string | null {
    return this.#statusOf(device).bootNonce
  }

  /** Notes what was heard and tells those who watch. `change` null: only that it was heard. */
  heard(known: KnownDevice, change: Partial<DeviceStatus> | null): void {
    const status = this.#statusOf(known.device)
    const lastSeenMs = this.#parts.nowMs()
    const isNewRun = change?.bootNonce !== undefined && change.bootNonce !== status.bootNonce
    Object.assign(status, change, { lastSeenMs }, isNewRun ? { bootedMs: lastSeenMs } : {})
    this.changed(known)
  }

  /** Tells those who watch that something about a device is another now: its line, its standing, what it said. */
  changed(known: KnownDevice): void {
    if (this.#parts.feed.isWatched) this.#parts.feed.publish({ kind: 'device', view: this.#view(known) })
  }

  onBatch({ known, payload, holding, stored, receivedMs }: WorkedOff): void {
    const { feed } = this.#parts
    const epoch = toHex(payload.epoch)
    const showings = stored.flatMap(({ seq, content }): StoredShowing[] =>
      content?.type === 'showing'
        ? [{ site: known.site, device: known.device, epoch, seq, receivedMs, body: content }]
        : [],
    )
    const views = showings.slice(-MAX_SHOWINGS_A_BATCH).map(showing => showingView(this.#parts, showing))
    for (const view of views) feed.publish({ kind: 'showing', view })
    const last = views.at(-1)
    const storedThrough = holding?.storedThrough ?? 0
    this.heard(known, {
      head: { epoch, seq: payload.newestSeq },
      storedThrough,
      backlog: Math.max(0, payload.newestSeq - storedThrough),
      ...(last === undefined ? {} : { lastShowing: last, scene: last.scene }),
    })
  }

  onFork(known: KnownDevice, forkSeq: number): void {
    this.heard(known, { lastAlarm: forkAlarm(forkSeq, this.#parts.nowMs()) })
  }

  onQuarantine(known: KnownDevice, quarantined: SeqRange): void {
    this.heard(known, { lastAlarm: quarantineAlarm(quarantined, this.#parts.nowMs()) })
  }

  onHead(known: KnownDevice, { epoch, seq }: SignedHead): void {
    this.heard(known, { head: { epoch: toHex(epoch), seq } })
  }

  newestShowings(limit: number): readonly ShowingView[] {
    return this.#parts.reader.newestShowings(limit).map(showing => showingView(this.#parts, showing))
  }

  /** Of what the store itself tells; a device says the rest again. */
  #recallAlarm(device: string): AlarmPayload | null {
    const { reader } = this.#parts
    const fork = reader.lastFork(device)
    const apart = reader.lastQuarantine(device)
    if (apart !== null && apart.receivedMs >= (fork?.receivedMs ?? 0)) return quarantineAlarm(apart, apart.receivedMs)
    return fork === null ? null : forkAlarm(fork.forkSeq, fork.receivedMs)
  }

  #recall(device: string): DeviceStatus {
    const { reader } = this.#parts
    const newest = reader.newestEpoch(device)
    const showing = reader.lastShowing(device)
    const lastShowing = showing === null ? null : showingView(this.#parts, showing)
    return {
      state: 'unknown',
      scene: lastShowing?.scene ?? null,
      backlog: 0,
      head: newest === null ? null : { epoch: newest.epoch, seq: newest.storedThrough },
      storedThrough: newest?.storedThrough ?? 0,
      lastSeenMs: newest?.lastReceivedMs ?? null,
      lastShowing,
      lastAlarm: this.#recallAlarm(device),
      bootNonce: null,
      bootedMs: null,
      firmware: null,
      hardware: null,
      clock: null,
      lockdown: null,
      reported: null,
    }
  }

  #statusOf(device: string): DeviceStatus {
    const status = this.#statuses.get(device) ?? this.#recall(device)
    this.#statuses.set(device, status)
    return status
  }

  #view({ site, device }: KnownDevice, tally: Tally = this.#parts.tallies.ofDevice(device)): DeviceView {
    const { records, showings, duplicates, gaps } = tally
    const { standing } = this.#parts
    const { bootNonce: _, reported, ...status } = this.#statusOf(device)
    return {
      site,
      device,
      recordsStored: records,
      showingsStored: showings,
      duplicates,
      gaps,
      ...status,
      connected: standing.isConnected(device),
      reported: reported === null ? null : { version: reported.version, error: reported.error ?? null },
      desiredVersion: standing.desiredVersion(device),
      quarantined: standing.quarantined(device),
      revoked: standing.isRevoked(device),
    }
  }
}
