import { once } from 'node:events'
import { closeSync, constants, createReadStream, existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '@ankang/protocol'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { PtyPair } from '../../src/virtual/pty-pair.ts'
import { VirtualScanner } from '../../src/virtual/virtual-scanner.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const python3 = requirement('python3')

async function openPair(): Promise<PtyPair> {
  const pair = await PtyPair.open(join(temporaryFolder(), 'scanner.line'))
  onTestFinished(() => pair.close())
  return pair
}

/** Everything that comes out of the device's end, until `lengthBytes` are there. */
async function read(path: string, lengthBytes: number): Promise<Buffer> {
  const file = createReadStream(path)
  onTestFinished(() => void file.destroy())
  let got = Buffer.alloc(0)
  for await (const chunk of file) {
    got = Buffer.concat([got, chunk])
    if (got.length >= lengthBytes) break
  }
  return got
}

describe('a virtual line', () => {
  python3.it('carries every byte value unchanged from the scanner to the device', async () => {
    const pair = await openPair()
    const bytes = Uint8Array.from({ length: 1024 }, (_, index) => index)
    const received = read(pair.path, bytes.length)
    await pair.write(bytes)
    expect(new Uint8Array(await received)).toEqual(bytes)
  })

  python3.it('carries what the device sends back to the scanner', async () => {
    const pair = await openPair()
    const received = new Promise<Uint8Array>(resolve => pair.onData(resolve))
    const line = openSync(pair.path, constants.O_RDWR | constants.O_NOCTTY)
    onTestFinished(() => closeSync(line))
    writeSync(line, '~\u0001settings')
    expect(Buffer.from(await received).toString()).toBe('~\u0001settings')
  })

  python3.it('hangs up when it is unplugged, and says so to whoever still writes', async () => {
    const pair = await openPair()
    const stream = createReadStream(pair.path)
    await once(stream, 'open')
    const hangUp = Promise.race([once(stream, 'error'), once(stream, 'end')])
    stream.resume()
    await pair.close()
    await hangUp
    expect(existsSync(pair.path)).toBe(false)
    await expect(pair.write(utf8('x'))).rejects.toMatchObject({ code: 'pty-unplugged' })
  })

  python3.it('brings a scanned code with its carriage return, spaces and all', async () => {
    const pair = await openPair()
    const text = `AK1: ${'A B'.repeat(100)} `
    const received = read(pair.path, text.length + 1)
    await new VirtualScanner(pair).present(utf8(text))
    expect((await received).toString()).toBe(`${text}\r`)
  })

  python3.it('brings a code of any bytes as it is, a carriage return among them and one behind', async () => {
    const pair = await openPair()
    const code = Uint8Array.from({ length: 364 }, (_, place) => (place * 7) & 0xff)
    const received = read(pair.path, code.length + 1)
    await new VirtualScanner(pair).present(code)
    expect(code).toContain(0x0d)
    expect(new Uint8Array(await received)).toEqual(Uint8Array.of(...code, 0x0d))
  })
})
