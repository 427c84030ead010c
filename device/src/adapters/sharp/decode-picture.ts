import { resolve } from 'node:path'
import { decodeFrame } from '../zxing/decode-frame.ts'
import { loadPicture } from './picture.ts'

/** The bytes of the QR code in a picture file, or null; in this thread, with full effort. Throws `picture-unreadable`. */
export async function decodePicture(file: string, folder: string): Promise<Uint8Array | null> {
  return decodeFrame(await loadPicture(resolve(folder, file)), 'full')
}
