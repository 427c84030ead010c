/*
 * The thread that decodes: one request at a time, in order. Started by worker-decoder.ts; a bundle keeps it as its own
 * file. It imports as little as can be, since a thread loads everything a second time.
 */
import { parentPort } from 'node:worker_threads'
import { decodePgmFile, prepareDecoder } from './decode-frame.ts'
import type { DecodeReply, DecodeRequest } from './decode-protocol.ts'

async function answer({ id, pgm, effort }: DecodeRequest): Promise<DecodeReply> {
  try {
    return { id, bytes: await decodePgmFile(pgm, effort) }
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) }
  }
}

let turn: Promise<unknown> = prepareDecoder()
parentPort?.on('message', (request: DecodeRequest) => {
  turn = turn.then(async () => parentPort?.postMessage(await answer(request)))
})
