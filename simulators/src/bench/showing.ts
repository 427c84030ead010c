import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GrayFrame, Line, Recorder, SqliteJournal, scenes, systemClock, WorkerDecoder } from '@ankang/device/parts'
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
import { codeFrame, drawPose } from '../virtual/camera-frame.ts'
import { bareShowing } from './bare-showing.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { benchCity, benchPolicy } from './bench-city.ts'
import { median, quantile, roundMs } from './quantile.ts'

const SIZE = { width: 640, height: 480 }
const WARM_UP = 30
const SHOWINGS = 300
const LIMIT = 1.25

interface Prepared {
  readonly frame: GrayFrame
  readonly text: string
}

const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))

/** One phone, one proof a second: every frame is a new showing, none a replay. */
async function prepareFrames(phone: Phone, startSeconds: number, count: number): Promise<Prepared[]> {
  const draw = new SeededDraw(new Uint8Array(32), 'bench-showing')
  const prepared: Prepared[] = []
  for (let index = 0; index < count; index++) {
    const { text } = phone.show(startSeconds + index * 30)
    const pixels = new Uint8Array(new SharedArrayBuffer(SIZE.width * SIZE.height))
    pixels.set(await codeFrame(text, SIZE, drawPose(draw), index))
    prepared.push({ frame: { ...SIZE, pixels }, text })
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
function openDoor(folder: string, trustJson: unknown): Door {
  const key = privateKeyFromSeed(random(32))
  let nowMs = 0
  const clock = { ...systemClock, nowMs: () => nowMs }
  const trust = compileTrust(parseTrustFile(trustJson))
  const journal = new SqliteJournal({
    file: join(folder, 'journal.sqlite'),
    device: 'bench-door',
    publicKey: exportEd25519(key),
    clock,
    random,
  })
  const recorder = new Recorder({ journal, clock, trust, scene: 'hall-door', random })
  const rules = catalogue.scenes.find(scene => scene.name === 'hall-door')
  const device = scenes.find(scene => scene.name === 'hall-door')
  if (rules === undefined || device === undefined)
    throw new BugError('scene-missing', 'the hall door is not in this build')
  const decoder = new WorkerDecoder()
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
    outputs: { relay, display: quiet, voice: quiet },
    events: {
      onShowing: () => {},
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
    show: async frame => {
      const startedAtMs = performance.now()
      const bytes = await decoder.decode(frame, 'quick')
      const end = await line.present({
        bytes: bytes ?? utf8(''),
        reader: 'bench',
        startedAtMs,
        readMs: performance.now() - startedAtMs,
      })
      if (end.outcome !== 'admit')
        throw new BugError(
          'bench-refused',
          `expected every showing of the bench to be admitted, one ended as ${end.reason}`,
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

/** Ours and the floor take turns on the same frames, so that a slow moment of the machine falls on both. */
async function measure(io: BenchIo, folder: string): Promise<BenchResult> {
  const startSeconds = 1_777_928_729
  const { city, resident, trustJson } = benchCity(startSeconds)
  io.progress(`画二维码 drawing ${WARM_UP + SHOWINGS} frames …`)
  const prepared = await prepareFrames(new Phone({ city, resident }), startSeconds, WARM_UP + SHOWINGS)
  const door = openDoor(folder, trustJson)
  const floor = await bareShowing(folder)
  const ours: number[] = []
  const bare = { decode: [] as number[], verify: [] as number[], commit: [] as number[] }
  io.progress(`测量 measuring ${SHOWINGS} showings …`)
  for (const [index, { frame, text }] of prepared.entries()) {
    io.signal.throwIfAborted()
    door.setTime(startSeconds + index * 30)
    const ms = await door.show(frame)
    const times = await floor.show(frame, text, door.newestBody())
    if (index < WARM_UP) continue
    ours.push(ms)
    bare.decode.push(times.decodeMs)
    bare.verify.push(times.verifyMs)
    bare.commit.push(times.commitMs)
  }
  await door.close()
  floor.close()
  const floorMs = median(bare.decode) + median(bare.verify) + median(bare.commit)
  return {
    name: 'showing',
    figures: {
      showings: ours.length,
      oursP50Ms: roundMs(median(ours)),
      oursP99Ms: roundMs(quantile(ours, 0.99)),
      floorMs: roundMs(floorMs),
      bareDecodeMs: roundMs(median(bare.decode)),
      bareVerifyTwiceMs: roundMs(median(bare.verify)),
      bareCommitMs: roundMs(median(bare.commit)),
    },
    limit: LIMIT,
    ratio: roundMs(median(ours) / floorMs),
  }
}

/** Frame → decoded → verified → decided → durable → relay, against what bare libraries need for the same. */
export const showing: Bench = {
  name: 'showing',
  summary: '从画面到继电器  from the frame to the relay',
  run: async io => {
    const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-'))
    try {
      return await measure(io, folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
