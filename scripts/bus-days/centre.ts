import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { deviceTopic, encodeBatch, exportEd25519, privateKeyFromSeed, toHex } from '@ankang/protocol'
import { scenes } from '../../controller/src/index.ts'
import { Ingest } from '../../controller/src/ingest/ingest.ts'
import { ReceiptSigner } from '../../controller/src/ingest/receipts.ts'
import { Refusals } from '../../controller/src/refusals.ts'
import { settleRides } from '../../controller/src/scenes/settle-rides.ts'
import { completeDaybook } from '../../controller/src/store/daybook.ts'
import { exportLines } from '../../controller/src/store/export-rows.ts'
import { SqliteLedger } from '../../controller/src/store/sqlite-ledger.ts'
import { SqliteQuarantine } from '../../controller/src/store/sqlite-quarantine.ts'
import { openStore } from '../../controller/src/store/store.ts'
import { MemoryPostman } from '../../controller/src/testing/memory-postman.ts'
import { enrolledDevices } from '../../controller/test/fixtures/enrolled-devices.ts'
import type { RandomBus } from './random-day.ts'

const SITE = 'bus'
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The centre's real ingest on a real store, for buses that hand over their records when they like. */
export async function openCentre(folder: string, buses: readonly RandomBus[]) {
  const store = openStore(join(folder, `store-${toHex(randomBytes(4))}.sqlite`), { random: randomBytes })
  completeDaybook(store.db, scenes)
  const postman = new MemoryPostman()
  const refusals = new Refusals(silent)
  const toEnrol = buses.map(({ device, key }) => ({ site: SITE, device, publicKey: exportEd25519(key) }))
  const registry = enrolledDevices(store, toEnrol)
  const ingest = new Ingest({
    postman,
    directory: registry,
    keys: registry,
    quarantine: new SqliteQuarantine(store),
    scenes,
    ledger: new SqliteLedger(store),
    receipts: new ReceiptSigner(privateKeyFromSeed(new Uint8Array(32)), store.generation, () => 0),
    refusals,
    listener: { onBatch: () => {}, onFork: () => {}, onQuarantine: () => {} },
    log: silent,
    nowMs: () => 0,
  })
  await ingest.start()
  return {
    /** Hands over the records of a bus from…through. */
    upload: ({ device, key, journal }: RandomBus, from: number, through: number): Promise<void> => {
      const { epoch, history } = journal
      const records = history.read(from, { maxRecords: through - from + 1, maxBytes: Number.POSITIVE_INFINITY })
      const batch = encodeBatch(
        {
          device,
          epoch: epoch.epoch,
          from,
          through,
          linkBefore: history.linkAt(from - 1) ?? new Uint8Array(32),
          linkThrough: history.linkAt(through) ?? new Uint8Array(32),
          deviceTimeMs: 0,
          newestSeq: journal.head().seq,
          start: from === 1 ? { publicKey: epoch.publicKey, predecessor: null } : null,
        },
        records.map(({ body }) => body),
        key,
      )
      return postman.publish(deviceTopic({ site: SITE, device }, 'records'), batch)
    },
    refused: () => refusals.counts(),
    settle: () => settleRides(store.db, { day: null, operator: null, signal: new AbortController().signal }),
    exported: (): string[] => [...exportLines(store.db, null)].map(line => JSON.stringify(line)),
    close: () => store.close(),
  }
}

export type Centre = Awaited<ReturnType<typeof openCentre>>
