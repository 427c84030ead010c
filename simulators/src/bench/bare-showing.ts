import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import type { GrayFrame } from '@ankang/device/parts'
import { BugError } from '@ankang/protocol'
import Database from 'better-sqlite3'
import { type ReaderOptions, readBarcodes } from 'zxing-wasm/reader'
import { prepareBareDecoder } from './bare-decoder.ts'

export interface BareTimes {
  readonly decodeMs: number
  readonly verifyMs: number
  readonly commitMs: number
}

export interface BareShowing {
  /** Decodes `frame`, verifies two signatures, commits `body`: each timed alone. */
  show(frame: GrayFrame, expected: string, body: Uint8Array): Promise<BareTimes>
  close(): void
}

/** Bytes that a credential and a proof sign, as long as the county's codes have them. */
const SIGNED_LENGTHS = [200, 130]
const OPTIONS: ReaderOptions = {
  formats: ['QRCode'],
  maxNumberOfSymbols: 1,
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  tryDenoise: false,
}

async function timed(run: () => unknown): Promise<number> {
  const started = performance.now()
  await run()
  return performance.now() - started
}

/** What the libraries cost by themselves: zxing-wasm in this thread, node:crypto with ready keys, SQLite with FULL. */
export async function bareShowing(folder: string): Promise<BareShowing> {
  await prepareBareDecoder()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signed = SIGNED_LENGTHS.map(length => {
    const message = randomBytes(length)
    return { message, signature: sign(null, message, privateKey) }
  })
  const db = new Database(join(folder, 'floor.sqlite'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('CREATE TABLE records (seq INTEGER PRIMARY KEY, body BLOB)')
  const insert = db.prepare('INSERT INTO records (body) VALUES (?)')
  return {
    show: async (frame, expected, body) => {
      const picture = Buffer.concat([Buffer.from(`P5 ${frame.width} ${frame.height} 255\n`), frame.pixels])
      let text = ''
      const decodeMs = await timed(async () => {
        const [code] = await readBarcodes(picture, OPTIONS)
        text = code?.text ?? ''
      })
      if (text !== expected)
        throw new BugError('bench-floor-unread', 'the floor did not read the frame it is compared on')
      const verifyMs = await timed(() =>
        signed.every(({ message, signature }) => verify(null, message, publicKey, signature)),
      )
      const commitMs = await timed(() => insert.run(body))
      return { decodeMs, verifyMs, commitMs }
    },
    close: () => db.close(),
  }
}
