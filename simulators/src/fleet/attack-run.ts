import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { AttackOrder } from './attack-thread.ts'
import type { Attack, AttackCount, AttackTarget } from './attacks/attack.ts'

// Node 20 loads no TypeScript in a worker: from source, the thread runs the built file.
const THREAD = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/fleet/attack-thread.js', import.meta.url)
  : new URL('./attack-thread.js', import.meta.url)

/** An attack under way, in a thread of its own. */
export interface AttackRun {
  /** Ends it and tells what came of it. Rejects with what the thread threw. */
  stop(): Promise<AttackCount>
}

export function startAttack({ name }: Attack, target: AttackTarget): AttackRun {
  const order: AttackOrder = { attack: name, target }
  const thread = new Worker(THREAD, { workerData: order })
  const counted = once(thread, 'message').then(([count]) => count as AttackCount)
  counted.catch(() => undefined) // told to whoever stops it
  return {
    stop: async () => {
      thread.postMessage('stop')
      try {
        return await counted
      } finally {
        await thread.terminate()
      }
    },
  }
}
