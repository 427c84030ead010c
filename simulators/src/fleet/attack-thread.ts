import { setMaxListeners } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { BugError } from '@ankang/protocol'
import type { Attack, AttackTarget } from './attacks/attack.ts'
import * as attacks from './attacks/index.ts'

/* The attackers' thread: their work must not be measured as their victims' delay. */

/** What the thread is started with. */
export interface AttackOrder {
  readonly attack: string
  readonly target: AttackTarget
}

const { attack: name, target }: AttackOrder = workerData
const attack: Attack | undefined = Object.values(attacks).find(one => one.name === name)
if (attack === undefined || parentPort === null) throw new BugError('attack-unknown', `there is no attack ${name}`)
const stop = new AbortController()
setMaxListeners(0, stop.signal) // a line each, and a thousand lines
parentPort.once('message', () => stop.abort())
parentPort.postMessage(await attack.run(target, stop.signal))
