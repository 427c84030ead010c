import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { prepareZXingModule, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader'
import type { DecodeEffort } from '../../framing/frame-decoder.ts'
import { type GrayFrame, toPgm } from '../../framing/gray-frame.ts'

// One format only: all of them take four times as long.
const QR: ReaderOptions = { formats: ['QRCode'], maxNumberOfSymbols: 1 }

const CHEAP: ReaderOptions = {
  ...QR,
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  tryDenoise: false,
}

/**
 * Passes over a frame, until one finds a code. One threshold for the whole picture reads a code on a phone in two thirds of
 * the time; where a shadow lies across it, the pass with local thresholds follows at once.
 */
const PASSES: Readonly<Record<DecodeEffort, readonly ReaderOptions[]>> = {
  quick: [{ ...CHEAP, binarizer: 'GlobalHistogram' }, CHEAP],
  full: [{ ...QR, tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true, tryDenoise: true }],
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

/** The bytes of the QR code in a PGM file, or null; in this thread. */
export async function decodePgmFile(file: Uint8Array, effort: DecodeEffort): Promise<Uint8Array | null> {
  await prepareDecoder()
  for (const options of PASSES[effort]) {
    const [code] = await readBarcodes(file, options)
    if (code?.isValid === true) return code.bytes
  }
  return null
}

/** The bytes of the QR code in the frame, or null; in this thread. */
export function decodeFrame(frame: GrayFrame, effort: DecodeEffort): Promise<Uint8Array | null> {
  return decodePgmFile(toPgm(frame), effort)
}

function readWasm(): ArrayBuffer {
  const file = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
}
