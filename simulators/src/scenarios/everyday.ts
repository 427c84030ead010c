import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { SeededDraw } from '../city/seeded-draw.ts'
import type { ShowingEvent } from '../virtual/virtual-device.ts'
import type { OpenPost } from '../virtual/virtual-house.ts'

/** Everyday life goes on until `signal`. */
export interface EverydayOptions {
  readonly signal: AbortSignal
  nowSeconds(): number
  /** `fareFen` is what the ride cost; null at a door, and where nobody rides. */
  onShown(post: OpenPost['post'], event: ShowingEvent, fareFen: number | null): void
}

/** Resolves early, and without a fault, when nobody wants to wait any more. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

/** Draws of this run, and of no other. */
export function freshDraw(label: string): SeededDraw {
  return new SeededDraw(new Uint8Array(randomBytes(32)), label)
}
