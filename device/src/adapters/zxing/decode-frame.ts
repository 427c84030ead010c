import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { prepareZXingModule, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader'
import type { DecodeEffort } from '../../framing/frame-decoder.ts'
import type { GrayFrame } from '../../framing/gray-frame.ts'
import { pgmHeader } from '../../framing/pgm.ts'

// One format only: all of them take four times as long.
const QR: ReaderOptions = { formats: ['QRCode'], maxNumberOfSymbols: 1 }

const OPTIONS: Readonly<Record<DecodeEffort, ReaderOptions>> = {
  quick: { ...QR, tryHarder: false, tryRotate: false, tryInvert: false, tryDownscale: false, tryDenoise: false },
  full: { ...QR, tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true, tryDenoise: true },
}

let prepared: Promise<unknown> | null = null

/** Compiles the decoder from the file beside its package; left to itself it would fetch it from the internet. */
export function prepareDecoder(): Promise<unknown> {
  prepared ??= prepareZXingModule({
    overrides: { wasmBinary: readWasm() },
    fireImmediately: true,
  })
  return prepared
}

/** The bytes of the QR code in the frame, or null; in this thread. */
export async function decodeFrame(frame: GrayFrame, effort: DecodeEffort): Promise<Uint8Array | null> {
  await prepareDecoder()
  const [code] = await readBarcodes(toPgm(frame), OPTIONS[effort])
  return code === undefined || !code.isValid ? null : code.bytes
}

function readWasm(): ArrayBuffer {
  const file = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
}

let pgm = new Uint8Array(0)

/** The frame as a PGM file, the shortest way into the decoder. The buffer is kept: a stream has one size. */
function toPgm({ width, height, pixels }: GrayFrame): Uint8Array {
  const header = pgmHeader(width, height)
  const lengthBytes = header.length + pixels.length
  if (pgm.length !== lengthBytes) pgm = new Uint8Array(lengthBytes)
  pgm.set(header)
  pgm.set(pixels, header.length)
  return pgm
}
