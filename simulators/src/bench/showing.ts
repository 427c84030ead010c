import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  type GrayFrame,
  Line,
  makeSharedFrame,
  Recorder,
  SqliteJournal,
  scenes,
  systemClock,
  WorkerDecoder,
} from '@ankang/device/parts'
import {
  BugError,
  catalogue,
  compileTrust,
  exportEd25519,
  parsePolicy,
  parseTrustFile,
  privateKeyFromSeed,
  utf8,
} from '@ankang/protocol'
import { SeededDraw } from '../city/seeded-draw.ts'
import { Phone } from '../phone/phone.ts'
import { ROTATION_SECONDS } from '../phone/rotating-screen.ts'
import { codeFrame, drawPose } from '../virtual/camera-frame.ts'
import { type BareShowing, type BareTimes, bareShowing } from './bare-showing.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { benchCity, benchPolicy } from './bench-city.ts'
import { inBenchFolder } from './bench-folder.ts'
import { median, quantile, roundMs } from './quantile.ts'

const SIZE = { width: 640, height: 480 }
const ROUNDS = 3
/** Showings a round; the first of them warm up a thread that runs for months at a door. */
const WARM_UP = 60
const ROUND = 180
/** Showings of one side before the other has its turn. */
const BLOCK = 15
/** A phone's code changes this often; each frame holds a showing of its own. */
const SECONDS_APART = ROTATION_SECONDS
const LIMIT = 1.25

interface Prepared {
  readonly frame: GrayFrame
  readonly text: string
  readonly atSeconds: number
}

const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))

/** One phone, one proof a second: every frame is a new showing, none a replay. */
async function prepareFrames(phone: Phone, startSeconds: number, count: number): Promise<Prepared[]> {
  const draw = new SeededDraw(new Uint8Array(32), 'bench-showing')
  const prepared: Prepared[] = []
  for (let index = 0; index < count; index++) {
    const atSeconds = startSeconds + index * SECONDS_APART
    const { bytes, text } = phone.show(atSeconds)
    const pixels = await codeFrame(bytes, SIZE, drawPose(draw), index)
    prepared.push({ frame: { ...SIZE, pixels }, text, atSeconds })
  }
  return prepared
}

interface Door {
  /** Milliseconds from the frame to the relay. */
  show(frame: GrayFrame): Promise<number>
  setTime(seconds: number): void
  /** The body of the newest record, for the floor to write the same bytes. */
  newestBody(): Uint8Array
  close(): Promise<void>
}

/** The hall door's own parts, on a real disk, without a network. */
function openDoor(journalFile: string, trustJson: unknown): Door {
  const key = privateKeyFromSeed(random(32))
  let nowMs = 0
  const clock = { ...systemClock, nowMs: () => nowMs }
  const trust = compileTrust(parseTrustFile(trustJson))
  const journal = new SqliteJournal({
    markKey: new Uint8Array(32),
    file: journalFile,
    device: 'bench-door',
    publicKey: exportEd25519(key),
    clock,
    random,
  })
  const rules = catalogue.scenes.find(scene => scene.name === 'hall-door')
  const device = scenes.find(scene => scene.name === 'hall-door')
  if (rules === undefined || device === undefined)
    throw new BugError('scene-missing', 'the hall door is not in this build')
  const recorder = new Recorder({ journal, clock, trust, scene: rules, random })
  const decoder = new WorkerDecoder()
  const arrived = makeSharedFrame(SIZE.width, SIZE.height)
  let movedAtMs = 0
  const relay = {
    pulse: async () => {
      movedAtMs = performance.now()
    },
    allOff: async () => {},
  }
  const quiet = { show: async () => {}, play: async () => {}, close: async () => {} }
  const line = new Line({
    catalogue,
    trust,
    policy: parsePolicy(benchPolicy, catalogue),
    scene: { rules, device },
    site: 'bench',
    clock,
    journal,
    recorder,
    outputs: { relay, vehicle: null, display: quiet, voice: quiet },
    events: {
      onShowing: () => {},
      onOverrun: () => {},
      onSignalFailed: () => {},
      onJournalFault: fault => {
        throw fault
      },
      onActionFailed: () => {},
    },
  })
  return {
    setTime: seconds => {
      nowMs = seconds * 1000
    },
    show: async ({ pixels }) => {
      arrived.pixels.set(pixels) // as the camera's pipe does; the floor's frame is put together just before its turn, too
      const startedAtMs = performance.now()
      const bytes = await decoder.decode(arrived, 'quick')
      const end = await line.present({
        bytes: bytes ?? utf8(''),
        reader: 'bench',
        startedAtMs,
        readMs: performance.now() - startedAtMs,
      })
      if (end?.outcome !== 'admit')
        throw new BugError(
          'bench-refused',
          `expected every showing of the bench to be admitted, one ended as ${end?.reason ?? 'overrun'}`,
        )
      return movedAtMs - startedAtMs
    },
    newestBody: () =>
      journal.history.read(journal.head().seq, { maxRecords: 1, maxBytes: 1 })[0]?.body ?? new Uint8Array(0),
    close: async () => {
      await decoder.close()
      await journal.close()
    },
  }
}

interface Measured {
  readonly oursMs: readonly number[]
  readonly bare: readonly BareTimes[]
}

/**
 * Ours and the floor take turns on the same frames, so that a slow moment of the machine falls on both; in blocks, so that
 * neither works in caches that the other has just filled, as neither would at a door.
 */
async function measureRound(door: Door, floor: BareShowing, frames: readonly Prepared[]): Promise<Measured> {
  const oursMs: number[] = []
  const bare: BareTimes[] = []
  for (let from = 0; from < frames.length; from += BLOCK) {
    const block = frames.slice(from, from + BLOCK)
    for (const { frame, atSeconds } of block) {
      door.setTime(atSeconds)
      oursMs.push(await door.show(frame))
    }
    const body = door.newestBody()
    for (const { frame, text } of block) bare.push(await floor.show(frame, text, body))
  }
  return { oursMs: oursMs.slice(WARM_UP), bare: bare.slice(WARM_UP) }
}

/** Each round has a decoder thread of its own: on which core the kernel puts it decides over a fifth of the time. */
async function measure(io: BenchIo, folder: string): Promise<BenchResult> {
  const startSeconds = 1_777_928_729
  const { city, resident, trustJson } = benchCity(startSeconds)
  io.progress(`画二维码 drawing ${ROUNDS * ROUND} frames …`)
  const prepared = await prepareFrames(new Phone({ city, resident }), startSeconds, ROUNDS * ROUND)
  const floor = await bareShowing(folder)
  const rounds: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    io.signal.throwIfAborted()
    io.progress(`测量 measuring round ${round + 1}/${ROUNDS} …`)
    const door = openDoor(join(folder, `journal-${round}.sqlite`), trustJson)
    rounds.push(await measureRound(door, floor, prepared.slice(round * ROUND, (round + 1) * ROUND)))
    await door.close()
  }
  floor.close()
  return summarise(
    rounds.flatMap(({ oursMs }) => oursMs),
    rounds.flatMap(({ bare }) => bare),
  )
}

function summarise(measured: readonly number[], bare: readonly BareTimes[]): BenchResult {
  const floorOf = (part: keyof BareTimes) => median(bare.map(times => times[part]))
  const [decodeMs, verifyMs, commitMs] = [floorOf('decodeMs'), floorOf('verifyMs'), floorOf('commitMs')]
  const floorMs = decodeMs + verifyMs + commitMs
  return {
    name: 'showing',
    figures: {
      showings: measured.length,
      oursP50Ms: roundMs(median(measured)),
      oursP99Ms: roundMs(quantile(measured, 0.99)),
      floorMs: roundMs(floorMs),
      bareDecodeMs: roundMs(decodeMs),
      bareVerifyTwiceMs: roundMs(verifyMs),
      bareCommitMs: roundMs(commitMs),
    },
    limit: LIMIT,
    better: 'lower',
    ratio: roundMs(median(measured) / floorMs),
  }
}

/** Frame → decoded → verified → decided → durable → relay, against what bare libraries need for the same. */
export const showing: Bench = {
  name: 'showing',
  summary: '从画面到继电器  from the frame to the relay',
  run: io => inBenchFolder(folder => measure(io, folder)),
}
