import { SeededDraw } from '../city/seeded-draw.ts'
import { BUS_SCANNER_HOLD_MS, CAMERA_FRAME, CAMERA_HOLD_MS } from '../home/device-config.ts'
import type { HomePaths } from '../home/home-paths.ts'
import type { VirtualPost } from '../home/virtual-posts.ts'
import type { CodeSource } from './code-source.ts'
import { HeldScanner } from './held-scanner.ts'
import { PtyPair } from './pty-pair.ts'
import { VirtualCamera } from './virtual-camera.ts'
import { VirtualScanner } from './virtual-scanner.ts'

/** The reader of a post, where its device's configuration says. Throws `pty-unavailable`, `pipe-unavailable`. */
export async function plugInReader({ device, reader, scene }: VirtualPost, paths: HomePaths): Promise<CodeSource> {
  const { cameraPipe, scannerLine } = paths.device(device)
  if (reader === 'camera')
    return new VirtualCamera({
      path: cameraPipe,
      size: CAMERA_FRAME,
      holdMs: CAMERA_HOLD_MS,
      draw: new SeededDraw(new Uint8Array(32), device),
    })
  const line = await PtyPair.open(scannerLine)
  return scene === 'bus' ? new HeldScanner(line, BUS_SCANNER_HOLD_MS) : new VirtualScanner(line)
}
