import { Worker } from 'node:worker_threads'
import { BugError, describeError, EnvironmentError } from '@ankang/protocol'
import type { DecodeEffort, FrameDecoder } from '../../framing/frame-decoder.ts'
import { type GrayFrame, toPgm } from '../../framing/gray-frame.ts'
import type { DecodeReply, DecodeRequest } from './decode-protocol.ts'

interface Waiting {
  resolve(bytes: Uint8Array | null): void
  reject(error: EnvironmentError): void
}

// Node 20 loads no TypeScript in a worker: from source, the thread runs the built file.
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/adapters/zxing/decode-worker.js', import.meta.url)
  : new URL('./decode-worker.js', import.meta.url)

/** The thread holds no more than a few frames; its own heap stays small. */
const LIMITS = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 4 }

/** Decodes in a thread of its own, so that a hard frame holds up nothing else. The thread starts with the object. */
export class WorkerDecoder implements FrameDecoder {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null
  #lastId = 0
  #closed = false

  constructor() {
    this.#worker = this.#startWorker()
  }

  async decode(frame: GrayFrame, effort: DecodeEffort): Promise<Uint8Array | null> {
    if (frame.pixels.length !== frame.width * frame.height)
      throw new BugError(
        'frame-size',
        `a gray frame of ${frame.width}×${frame.height} has ${frame.width * frame.height} pixels, but ${frame.pixels.length} came`,
      )
    if (this.#closed) throw decoderGone('was closed')
    this.#worker ??= this.#startWorker()
    const worker = this.#worker
    this.#lastId += 1
    const request: DecodeRequest = { id: this.#lastId, pgm: toPgm(frame), effort }
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject })
      worker.postMessage(request)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const worker = this.#worker
    this.#worker = null
    this.#rejectAll('was closed')
    await worker?.terminate()
  }

  #startWorker(): Worker {
    const worker = new Worker(WORKER, { resourceLimits: LIMITS })
    worker.on('message', (reply: DecodeReply) => this.#settle(reply))
    worker.on('error', error => this.#lost(worker, `broke: ${describeError(error)}`))
    worker.on('exit', code => this.#lost(worker, `ended with code ${code}`))
    return worker
  }

  #settle(reply: DecodeReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('failure' in reply) waiting?.reject(decoderGone(`could not work on a frame: ${reply.failure}`))
    else waiting?.resolve(reply.bytes)
  }

  #lost(worker: Worker, how: string): void {
    if (this.#worker !== worker) return
    this.#worker = null
    this.#rejectAll(how)
  }

  #rejectAll(how: string): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(decoderGone(how))
  }
}

function decoderGone(how: string): EnvironmentError {
  return new EnvironmentError(
    'decoder-failed',
    `the code decoder's thread ${how}; it starts anew with the next frame`,
    {
      retryable: true,
    },
  )
}
