import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OURS = fileURLToPath(new URL('../../../protocol/vectors/', import.meta.url))
const OUR_SETS = ['images', 'frames'] as const
const PUBLISHED_SETS = ['qrcode-1', 'qrcode-2', 'qrcode-3'] as const
const PICTURE = /\.(png|jpg)$/

/** Files of pictures with codes: the project's own and, where ANKANG_VECTORS names their folder, the published sets of zxing. */
export function pictureFiles(): readonly string[] {
  const published = process.env['ANKANG_VECTORS']
  const folders = [
    ...OUR_SETS.map(set => join(OURS, set)),
    ...(published === undefined ? [] : PUBLISHED_SETS.map(set => join(published, 'zxing', set))),
  ]
  return folders.flatMap(folder =>
    readdirSync(folder)
      .filter(file => PICTURE.test(file))
      .sort()
      .map(file => join(folder, file)),
  )
}
