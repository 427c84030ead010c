import { Agent, request } from 'node:https'
import type { AttackTarget } from './attack.ts'

const TIMEOUT_MS = 5000

/** One POST of JSON to the centre's HTTPS side; its status, or null when there was no answer. */
export function postJson(
  { host, httpPort }: AttackTarget,
  agent: Agent,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<number | null> {
  return new Promise(resolve => {
    const sent = request(
      {
        host,
        port: httpPort,
        path,
        method: 'POST',
        agent,
        rejectUnauthorized: false,
        timeout: TIMEOUT_MS,
        signal,
        headers: { 'content-type': 'application/json' },
      },
      answer => {
        answer.resume()
        answer.once('close', () => resolve(answer.statusCode ?? null))
      },
    )
    sent.on('error', () => resolve(null))
    sent.on('timeout', () => sent.destroy())
    sent.end(JSON.stringify(body))
  })
}

/** Guesses from `atOnce` lines until told to stop; counts those that were let in. */
export async function guess(
  target: AttackTarget,
  signal: AbortSignal,
  atOnce: number,
  path: string,
  makeBody: () => object,
): Promise<{ readonly tried: number; readonly succeeded: number }> {
  const count = { tried: 0, succeeded: 0 }
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (!signal.aborted) {
        count.tried++
        const status = await postJson(target, agent, path, makeBody(), signal)
        if (status !== null && status < 300) count.succeeded++
      }
    }),
  )
  agent.destroy()
  return count
}
