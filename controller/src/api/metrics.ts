import { DEVICE_STATES } from '@ankang/protocol'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { DeviceView } from '../fleet/views.ts'
import type { Tally } from '../store/tally.ts'

/** What the metrics are read from, each time somebody asks. */
export interface MetricSources {
  readonly tally: () => Tally
  readonly devices: () => readonly DeviceView[]
  readonly refused: () => Readonly<Record<string, number>>
  /** Lines at the broker, those of tools and at the entrance among them. */
  readonly connections: () => number
  readonly watchers: () => number
  readonly batches: () => number
  readonly storeBytes: () => number
  readonly sessions: () => number
  readonly auditEntries: () => number
  readonly serverCertificateNotAfterMs: () => number
  /** Devices whose newest certificate is over within 14 days, or is over. */
  readonly certificatesExpiring: () => number
}

const PREFIX = 'ankang_'
/** An fsync of a fast disk to one of a card that is about to die. */
const COMMIT_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
/** `unknown` while nothing was heard since this program started. */
const STATES = ['unknown', ...DEVICE_STATES]

function countBy(devices: readonly DeviceView[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>(STATES.map(state => [state, 0]))
  for (const { state } of devices) {
    const known = counts.has(state) ? state : 'unknown'
    counts.set(known, (counts.get(known) ?? 0) + 1)
  }
  return counts
}

/**
 * What Prometheus asks for: one prefix, base units. Labels come from lists of this program's own, none from what a person, a device
 * or a stranger says.
 */
export class Metrics {
  readonly #registry = new Registry()
  #sources: MetricSources | null = null
  /** Of the present asking: several figures are made of it. */
  #devices: readonly DeviceView[] = []
  #tally: Tally = { records: 0, showings: 0, duplicates: 0, gaps: 0 }
  readonly #commits: Histogram
  readonly #requests: Counter<'method' | 'path' | 'status'>

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, prefix: PREFIX })
    this.#commits = new Histogram({
      name: `${PREFIX}commit_duration_seconds`,
      help: 'Time of a commit of records, until it is on disk',
      buckets: COMMIT_SECONDS,
      registers,
    })
    this.#requests = new Counter({
      name: `${PREFIX}http_requests_total`,
      help: 'Answers given, by the method and path of their route',
      labelNames: ['method', 'path', 'status'],
      registers,
    })
  }

  observeCommit(seconds: number): void {
    this.#commits.observe(seconds)
  }

  countAnswer({ method, path, status }: { readonly method: string; readonly path: string; readonly status: number }) {
    this.#requests.inc({ method, path, status })
  }

  /** Once, when everything runs. */
  watch(sources: MetricSources): void {
    this.#sources = sources
    this.#watchStore(sources)
    this.#watchDevices(sources)
    this.#total('refusals_total', 'What was turned away, by reason', sources.refused)
    this.#gauge('sessions', 'Log-ins used within the last half hour', sources.sessions)
    this.#gauge('event_streams', 'Pages and programs that follow what happens', sources.watchers)
    this.#gauge(
      'server_certificate_not_after_timestamp_seconds',
      'When the certificate of this server runs out',
      () => sources.serverCertificateNotAfterMs() / 1000,
    )
  }

  /** In Prometheus’ text format, 0.0.4. */
  text(): Promise<string> {
    if (this.#sources !== null) {
      this.#devices = this.#sources.devices()
      this.#tally = this.#sources.tally()
    }
    return this.#registry.metrics()
  }

  #watchStore({ batches, storeBytes, auditEntries }: MetricSources): void {
    this.#gauge('records_stored', 'Records in the store', () => this.#tally.records)
    this.#gauge('showings_stored', 'Showings in the store', () => this.#tally.showings)
    this.#gauge('duplicates_stored', 'Records stored more than once; always 0', () => this.#tally.duplicates)
    this.#gauge('gaps', 'Records missing up to the last one stored; always 0', () => this.#tally.gaps)
    this.#gauge('batches_stored', 'Signed batches in the store', batches)
    this.#gauge('store_bytes', 'Size of the store', storeBytes)
    this.#gauge('audit_entries', 'Entries of the audit log', auditEntries)
  }

  #watchDevices({ connections, certificatesExpiring }: MetricSources): void {
    const sum = (of: (view: DeviceView) => number) => this.#devices.reduce((total, view) => total + of(view), 0)
    this.#gauge('connections', 'Lines at the broker', connections)
    this.#gauge('devices_connected', 'Devices on a line', () => sum(({ connected }) => (connected ? 1 : 0)))
    this.#gauge('devices_revoked', 'Devices that were revoked', () => sum(({ revoked }) => (revoked ? 1 : 0)))
    this.#gauge('backlog_records', 'Records that devices have and this store has not, as last heard', () =>
      sum(({ backlog }) => backlog),
    )
    this.#gauge('quarantined_records', 'Records put aside since their device was revoked', () =>
      sum(({ quarantined }) => quarantined),
    )
    this.#gauge('certificates_expiring', 'Devices without a certificate for 14 days more', certificatesExpiring)
    const states = new Gauge({
      name: `${PREFIX}devices`,
      help: 'Enrolled devices, by the state they last told of',
      labelNames: ['state'],
      registers: [this.#registry],
      collect: () => {
        for (const [state, count] of countBy(this.#devices)) states.set({ state }, count)
      },
    })
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name: PREFIX + name,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    })
  }

  #total(name: string, help: string, read: () => Readonly<Record<string, number>>): void {
    const counter: Counter<'reason'> = new Counter({
      name: PREFIX + name,
      help,
      labelNames: ['reason'],
      registers: [this.#registry],
      collect: () => {
        counter.reset()
        for (const [reason, count] of Object.entries(read())) counter.inc({ reason }, count)
      },
    })
  }
}
