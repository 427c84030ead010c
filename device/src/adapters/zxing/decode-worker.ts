/* The thread that decodes: one request at a time, in order. Started by worker-decoder.ts; a bundle keeps it as its own file. */
import { parentPort } from 'node:worker_threads'
import { BugError, describeError } from '@ankang/protocol'
import { decodeFrame, prepareDecoder } from './decode-frame.ts'
import type { DecodeReply, DecodeRequest } from './decode-protocol.ts'

if (parentPort === null)
  throw new BugError('not-a-worker', 'decode-worker is started by worker-decoder as a thread, never as a program')
const port = parentPort

async function answer({ id, frame, effort }: DecodeRequest): Promise<DecodeReply> {
  try {
    return { id, bytes: await decodeFrame(frame, effort) }
  } catch (error) {
    return { id, failure: describeError(error) }
  }
}

await prepareDecoder()
let turn = Promise.resolve()
port.on('message', (request: DecodeRequest) => {
  turn = turn.then(async () => port.postMessage(await answer(request)))
})
