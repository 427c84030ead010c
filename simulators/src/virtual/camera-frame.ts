import sharp from 'sharp'
import { SeededDraw } from '../city/seeded-draw.ts'
import { type QrMatrix, qrMatrix } from '../phone/qr-matrix.ts'
import { type GrayPicture, qrPicture } from '../phone/qr-picture.ts'

export interface FrameSize {
  readonly width: number
  readonly height: number
}

/** How a code lies in the picture. */
export interface Pose {
  /** Side of the symbol with its quiet zone, as a share of the frame's height. */
  readonly share: number
  readonly rotationDegrees: number
  /** Offset from the centre, in pixels. */
  readonly offsetX: number
  readonly offsetY: number
}

const BACKGROUND = 96
/** Noise of a small sensor indoors, in gray levels either way. */
const NOISE = 6
const NOISE_STEP = 7919

/** A pose that a hand might hold a phone in. */
export function drawPose(draw: SeededDraw): Pose {
  return {
    share: draw.between(86, 96) / 100,
    rotationDegrees: draw.between(-40, 40) / 10,
    offsetX: draw.between(-60, 60),
    offsetY: draw.between(-6, 6),
  }
}

/** Noise by table: a fresh draw for each of 307,200 pixels would cost more than the decoder. */
const NOISE_TABLE = makeNoise(new SeededDraw(new Uint8Array(32), 'sensor-noise'), 65_536)

function makeNoise(draw: SeededDraw, length: number): Int8Array {
  return Int8Array.from({ length }, () => draw.between(-NOISE, NOISE))
}

function addNoise(pixels: Uint8Array, seed: number): Uint8Array {
  const mask = NOISE_TABLE.length - 1
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length)
  for (let at = 0; at < clamped.length; at++)
    clamped[at] = (clamped[at] ?? 0) + (NOISE_TABLE[(at + seed * NOISE_STEP) & mask] ?? 0)
  return pixels
}

/** A frame in which nobody holds anything. */
export function emptyFrame({ width, height }: FrameSize, seed: number): Uint8Array {
  return addNoise(new Uint8Array(width * height).fill(BACKGROUND), seed)
}

async function turned(matrix: QrMatrix, sidePixels: number, degrees: number): Promise<GrayPicture> {
  const { width, height, pixels } = qrPicture(matrix, Math.max(1, Math.ceil(sidePixels / (matrix.size + 8))))
  const { data, info } = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .resize(sidePixels, sidePixels, { kernel: 'linear' })
    .rotate(degrees, { background: { r: BACKGROUND, g: BACKGROUND, b: BACKGROUND } })
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, pixels: data }
}

/** A camera's view of a code: 8-bit gray, row by row, `width` × `height` bytes. */
export async function codeFrame(code: Uint8Array, size: FrameSize, pose: Pose, seed: number): Promise<Uint8Array> {
  const picture = await turned(qrMatrix(code), Math.round(size.height * pose.share), pose.rotationDegrees)
  const frame = new Uint8Array(size.width * size.height).fill(BACKGROUND)
  const left = Math.round((size.width - picture.width) / 2 + pose.offsetX)
  const top = Math.round((size.height - picture.height) / 2 + pose.offsetY)
  for (let y = 0; y < picture.height; y++) {
    const row = top + y
    if (row < 0 || row >= size.height) continue
    const from = Math.max(0, -left)
    const through = Math.min(picture.width, size.width - left)
    if (through > from)
      frame.set(
        picture.pixels.subarray(y * picture.width + from, y * picture.width + through),
        row * size.width + left + from,
      )
  }
  return addNoise(frame, seed)
}
