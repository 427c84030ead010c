import { catalogue } from '@ankang/protocol'
import { Metrics } from '../api/metrics.ts'
import { type EmbeddedBroker, startEmbeddedBroker } from '../broker/embedded-broker.ts'
import { followDevices } from '../fleet/device-channels.ts'
import type { DeviceStanding } from '../fleet/device-standing.ts'
import { Fleet } from '../fleet/fleet.ts'
import { LiveFeed } from '../fleet/live-feed.ts'
import type { EnrolledDevice, TokenGate } from '../identity/registry.ts'
import { scenes } from '../index.ts'
import { startHeadIntake } from '../ingest/head-intake.ts'
import { Ingest } from '../ingest/ingest.ts'
import { ReceiptSigner } from '../ingest/receipts.ts'
import { DesiredDesk } from '../orders/desired-desk.ts'
import { OrderDesk } from '../orders/order-desk.ts'
import { startResultIntake } from '../orders/result-intake.ts'
import { RecordReader } from '../store/record-reader.ts'
import { SqliteDesired } from '../store/sqlite-desired.ts'
import { SqliteLedger } from '../store/sqlite-ledger.ts'
import { SqliteOrders } from '../store/sqlite-orders.ts'
import { SqliteQuarantine } from '../store/sqlite-quarantine.ts'
import { Tallies } from '../store/tally.ts'
import { TimedLedger } from '../store/timed-ledger.ts'
import type { Ground } from './ground.ts'

const TICK_MS = 1000
const RENEWAL_CHECK_MS = 24 * 3_600_000

/** The devices' side: broker, ingest, fleet, orders. */
export interface Line {
  readonly broker: EmbeddedBroker
  readonly ingest: Ingest
  readonly fleet: Fleet
  readonly feed: LiveFeed
  readonly tallies: Tallies
  readonly reader: RecordReader
  readonly orders: OrderDesk
  readonly desired: DesiredDesk
  readonly desiredBook: SqliteDesired
  readonly metrics: Metrics
}

async function openBroker(ground: Ground, tokens: TokenGate): Promise<EmbeddedBroker> {
  const { config, log, refusals, registry, authority, running, nowMs } = ground
  const { certificatePem, keyPem } = await ground.serverCertificate()
  const { plainPort } = config.mqtt
  const broker = await startEmbeddedBroker({
    address: config.mqtt,
    ...(plainPort === undefined
      ? {}
      : { plain: { host: '127.0.0.1', port: plainPort, fallback: config.mqtt.fallback } }),
    tls: { certificatePem, keyPem, caPem: authority.certificatePem },
    gate: registry,
    tokens,
    refusals,
    log,
    nowMs,
  })
  running.onClose(broker.close)
  running.every(RENEWAL_CHECK_MS, async () => broker.replaceCertificate(await ground.serverCertificate()))
  return broker
}

/** Now or before: a revoked device comes back with another key only. False without asking the disk for all that never were. */
function wasRevoked(known: EnrolledDevice | null): boolean {
  return known !== null && (known.revoked !== null || known.formerKeys.length > 0)
}

/** Starts everything devices talk to. Throws `port-taken`, `listen-failed`. */
export async function startLine(ground: Ground, tokens: TokenGate): Promise<Line> {
  const { log, refusals, registry, store, audit, running, nowMs, random, keys } = ground
  const broker = await openBroker(ground, tokens)
  const { postman } = broker
  const metrics = new Metrics()
  const ledger = new TimedLedger(new SqliteLedger(store), seconds => metrics.observeCommit(seconds))
  const quarantine = new SqliteQuarantine(store)
  const desiredBook = new SqliteDesired(store)
  const tallies = new Tallies(store)
  const feed = new LiveFeed()
  const reader = new RecordReader(store)
  const standing: DeviceStanding = {
    isConnected: device => broker.isConnected(device),
    isRevoked: device => (registry.find(device)?.revoked ?? null) !== null,
    quarantined: device => (wasRevoked(registry.find(device)) ? quarantine.quarantinedRecords(device) : 0),
    desiredVersion: device => desiredBook.versionOf(device),
  }
  const fleet = new Fleet({ directory: registry, reader, tallies, feed, catalogue, scenes, standing, nowMs })
  broker.onDevice(device => {
    const known = registry.find(device)
    if (known !== null) fleet.changed(known)
  })
  running.onClose(registry.onChange(known => fleet.changed(known)))
  const around = { postman, directory: registry, refusals, log, nowMs }
  const receipts = new ReceiptSigner(keys.receipt, store.generation, nowMs)
  const ingest = new Ingest({ ...around, scenes, ledger, keys: registry, quarantine, receipts, listener: fleet })
  await ingest.start()
  await startHeadIntake({ ...around, ledger, keys: registry, listener: fleet })

  const book = new SqliteOrders(store)
  const bootNonceOf = (device: string) => fleet.bootNonceOf(device)
  const orders = new OrderDesk({ ...around, standing, bootNonceOf, book, audit, feed, key: keys.command, random })
  await startResultIntake({ ...around, standing, book, audit, listener: orders })
  const desired = new DesiredDesk({ ...around, standing, book: desiredBook, audit, key: keys.desired })
  await followDevices({ postman, directory: registry, refusals, fleet, catalogue, births: [orders, desired] })
  desired.start()
  running.every(TICK_MS, () => orders.tick())
  return { broker, ingest, fleet, feed, tallies, reader, orders, desired, desiredBook, metrics }
}
