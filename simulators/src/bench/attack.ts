import { setTimeout as delay } from 'node:timers/promises'
import { BugError } from '@ankang/protocol'
import { startAttack } from '../fleet/attack-run.ts'
import { openAttackedFleet } from '../fleet/attacked-fleet.ts'
import type { Attack } from '../fleet/attacks/attack.ts'
import * as attacks from '../fleet/attacks/index.ts'
import type { LightDevice } from '../fleet/light-device.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { inBenchFolder } from './bench-folder.ts'
import { quantile, roundMs } from './quantile.ts'

const HONEST = 20
/** Each box writes this often: twenty of them are a busy town's doors. */
const SHOWING_EVERY_MS = 200
const QUIET_MS = 4000
const UNDER_ATTACK_MS = 4500
/** The first moment of an attack is part of it. */
const LIMIT_MS = 100

/** Milliseconds of every round trip that the fleet makes meanwhile. What gets no answer counts as long as it was waited for. */
async function watch(fleet: readonly LightDevice[], forMs: number): Promise<number[]> {
  const endMs = performance.now() + forMs
  const times: number[] = []
  await Promise.all(
    fleet.map(async (device, place) => {
      await delay((place * SHOWING_EVERY_MS) / fleet.length)
      while (performance.now() < endMs) {
        const tookMs = await device.roundTripMs()
        times.push(tookMs)
        await delay(Math.max(0, SHOWING_EVERY_MS - tookMs))
      }
    }),
  )
  return times
}

/** `publish-flood` → `publishFloodP99Ms`. */
function figureName({ name }: Pick<Attack, 'name'>, suffix: string): string {
  return `${name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}${suffix}`
}

async function measure({ progress, signal }: BenchIo, directory: string): Promise<BenchResult> {
  progress(`启动控制器与 ${HONEST} 台设备 · the controller and ${HONEST} devices`)
  const town = await openAttackedFleet(directory, HONEST)
  try {
    const figures: Record<string, number> = { devices: HONEST }
    const quiet = await watch(town.honest, QUIET_MS)
    figures['quietP50Ms'] = roundMs(quantile(quiet, 0.5))
    figures['quietP99Ms'] = roundMs(quantile(quiet, 0.99))
    let worst = 0
    for (const attack of Object.values(attacks)) {
      signal.throwIfAborted()
      progress(`${attack.zh} · ${attack.en}`)
      const run = startAttack(attack, town.target)
      const times = await watch(town.honest, UNDER_ATTACK_MS)
      const { tried, succeeded } = await run.stop()
      if (succeeded > 0)
        throw new BugError('attack-succeeded', `${attack.name}: ${succeeded} of ${tried} tries were let in`)
      const p99Ms = roundMs(quantile(times, 0.99))
      figures[figureName(attack, 'P99Ms')] = p99Ms
      figures[figureName(attack, 'Tries')] = tried
      worst = Math.max(worst, p99Ms)
    }
    return { name: 'attack', figures, limit: 1, better: 'lower', ratio: roundMs(worst / LIMIT_MS) }
  } finally {
    await town.close()
  }
}

/** What honest boxes feel of each attack on the centre: a record's way to its receipt, p99 against 100 ms. */
export const attack: Bench = {
  name: 'attack',
  summary: '受攻击时其他设备的回执时延  the others’ receipts while the centre is attacked',
  run: io => inBenchFolder(folder => measure(io, folder)),
}
