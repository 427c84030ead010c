import { decodeFrame, loadPicture, makeSharedFrame, type SharedFrame } from '@ankang/device/parts'
import { BugError } from '@ankang/protocol'
import { type ReaderOptions, readBarcodes } from 'zxing-wasm/reader'
import { prepareBareDecoder } from './bare-decoder.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { pictureFiles } from './picture-sets.ts'
import { median, quantile, roundMs } from './quantile.ts'

/** The first makes both sides ready. */
const ROUNDS = 8
/** Where others keep the machine busy, fewer rounds have to do. */
const BUDGET_MS = 30_000
/** As the library comes, but for the one format we read. */
const BARE_OPTIONS: ReaderOptions = { formats: ['QRCode'], maxNumberOfSymbols: 1 }
/**
 * A reader tries the quick passes on every frame, in vain on a hard one, before the full effort that the library makes at once.
 * What easy pictures gain must pay for that, and for our part of the way: over all, no slower than the library alone.
 */
const LIMIT = 1

interface Read {
  readonly isRead: boolean
  readonly tookMs: number
}

interface Compared {
  readonly frame: SharedFrame
  readonly ours: Read[]
  readonly bare: Read[]
}

/** In gray and in memory: files are opened by others than the decoder. */
async function loadFrame(file: string): Promise<SharedFrame> {
  const { width, height, pixels } = await loadPicture(file)
  const frame = makeSharedFrame(width, height)
  frame.pixels.set(pixels)
  return frame
}

async function timed(read: () => Promise<boolean>): Promise<Read> {
  const startedMs = performance.now()
  const isRead = await read()
  return { isRead, tookMs: performance.now() - startedMs }
}

async function oursReads(frame: SharedFrame): Promise<boolean> {
  return ((await decodeFrame(frame, 'quick')) ?? (await decodeFrame(frame, 'full'))) !== null
}

async function bareReads({ pgm }: SharedFrame): Promise<boolean> {
  const [code] = await readBarcodes(pgm, BARE_OPTIONS)
  return code?.isValid === true
}

/** Both sides on one picture right after each other, each first every second time: a slow moment falls on both. */
async function compare({ frame, ours, bare }: Compared, oursFirst: boolean): Promise<void> {
  if (oursFirst) ours.push(await timed(() => oursReads(frame)))
  bare.push(await timed(() => bareReads(frame)))
  if (!oursFirst) ours.push(await timed(() => oursReads(frame)))
}

async function measure({ progress, signal }: BenchIo): Promise<BenchResult> {
  const endsMs = performance.now() + BUDGET_MS
  await prepareBareDecoder()
  const pictures: Compared[] = []
  for (const file of pictureFiles()) pictures.push({ frame: await loadFrame(file), ours: [], bare: [] })
  for (let round = 0; round < ROUNDS && (round < 2 || performance.now() < endsMs); round++) {
    progress(`识读 reading ${pictures.length} pictures, round ${round + 1}/${ROUNDS} …`)
    for (const [place, picture] of pictures.entries()) {
      signal.throwIfAborted()
      await compare(picture, (place + round) % 2 === 0)
    }
  }
  return summarise(pictures)
}

function summarise(pictures: readonly Compared[]): BenchResult {
  const medianMs = (reads: readonly Read[]) => median(reads.slice(1).map(({ tookMs }) => tookMs))
  const isRead = (reads: readonly Read[]) => reads.every(read => read.isRead)
  const oursRead = pictures.filter(({ ours }) => isRead(ours)).length
  const bareRead = pictures.filter(({ bare }) => isRead(bare)).length
  if (oursRead < bareRead)
    throw new BugError(
      'bench-read-fewer',
      `expected to read no fewer than the ${bareRead} of the library alone, read ${oursRead}`,
    )
  const both = pictures.filter(({ ours, bare }) => isRead(ours) && isRead(bare))
  const oursMs = both.map(({ ours }) => medianMs(ours))
  const bareMs = both.map(({ bare }) => medianMs(bare))
  const total = (all: readonly number[]) => all.reduce((sum, ms) => sum + ms, 0)
  return {
    name: 'decode',
    figures: {
      pictures: pictures.length,
      oursRead,
      bareRead,
      oursMs: roundMs(median(oursMs)),
      bareMs: roundMs(median(bareMs)),
      oursP99Ms: roundMs(quantile(oursMs, 0.99)),
      bareP99Ms: roundMs(quantile(bareMs, 0.99)),
    },
    limit: LIMIT,
    better: 'lower',
    ratio: roundMs(total(oursMs) / total(bareMs)),
  }
}

/** Our reading of pictures, quick passes first and then the full one, against zxing-wasm alone on the same gray pixels. */
export const decode: Bench = {
  name: 'decode',
  summary: '识读图片  read pictures',
  run: measure,
}
