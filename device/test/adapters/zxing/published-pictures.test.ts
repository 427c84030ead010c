import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { equalBytes } from '@ankang/protocol'
import { beforeAll, describe, expect } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { requirement } from '../../../../scripts/testing/requirements.ts'
import { decodePicture } from '../../../src/adapters/sharp/decode-picture.ts'

const vectors = requirement('vectors')
const SETS = ['qrcode-1', 'qrcode-2', 'qrcode-3']

/** What the library makes of the picture file itself, with the options it comes with. */
async function readPlainly(file: string): Promise<Uint8Array | null> {
  const [code] = await readBarcodes(new Uint8Array(readFileSync(file)), { formats: ['QRCode'], maxNumberOfSymbols: 1 })
  return code?.bytes ?? null
}

/** What the set says stands in the picture; of Shift_JIS and the like it has the meaning, not the bytes. */
function published(picture: string): Uint8Array {
  const binary = picture.replace(/\.png$/, '.bin')
  return new Uint8Array(readFileSync(existsSync(binary) ? binary : picture.replace(/\.png$/, '.txt')))
}

describe('the published picture sets', () => {
  beforeAll(async () => {
    const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
    await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true })
  })

  for (const set of SETS)
    vectors.it(`${set}: every picture the bare library reads, and rightly`, async () => {
      const folder = join(vectors.value, 'zxing', set)
      const pictures = readdirSync(folder).filter(file => file.endsWith('.png'))
      expect(pictures.length).toBeGreaterThanOrEqual(20)
      const worse: string[] = []
      const wrong: string[] = []
      let read = 0
      for (const picture of pictures) {
        const ours = await decodePicture(picture, folder)
        const plain = await readPlainly(join(folder, picture))
        if (ours === null && plain !== null) worse.push(picture)
        if (ours === null) continue
        read += 1
        if (!equalBytes(ours, plain ?? published(join(folder, picture)))) wrong.push(picture)
      }
      expect({ worse, wrong }).toEqual({ worse: [], wrong: [] })
      expect(read / pictures.length).toBeGreaterThan(0.9)
    })
})
