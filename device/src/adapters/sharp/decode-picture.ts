import { resolve } from 'node:path'
import { decodeFrame } from '../zxing/decode-frame.ts'
import { loadPicture } from './picture.ts'

/** The bytes of the code in a picture file, or null where there is none. Throws `picture-unreadable`. */
export async function decodePicture(file: string, cwd: string): Promise<Uint8Array | null> {
  return decodeFrame(await loadPicture(resolve(cwd, file)), 'full')
}
