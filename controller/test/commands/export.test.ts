import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '@ankang/protocol'
import { decode, encode, Tagged } from 'cborg'
import { describe, expect, it } from 'vitest'
import { exportCommand } from '../../src/commands/export.ts'
import { memoryIo } from '../fixtures/memory-io.ts'
import { deviceLine, runningController } from '../fixtures/running-controller.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

// What follows checks an export with nothing but SHA-256, Ed25519 and a CBOR reader, as an auditor would.

type Line = Record<string, unknown> & { kind: string; device: string; epoch: string }

const hex = (text: unknown): Buffer => Buffer.from(String(text), 'hex')
const sha256 = (...parts: readonly Uint8Array[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex')

function seqBytes(seq: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(seq))
  return bytes
}

function readSigned(cose: unknown, publicKey: unknown, aad: string): Map<number, unknown> {
  const [protectedBytes, , payload, signature] = decode(hex(cose), { useMaps: true, tags: Tagged.preserve(18) }).value
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: hex(publicKey).toString('base64url') }
  const signed = encode(['Signature1', protectedBytes, Buffer.from(aad), payload])
  expect(verify(null, signed, createPublicKey({ format: 'jwk', key: jwk }), signature)).toBe(true)
  return decode(payload, { useMaps: true })
}

/** Walks every chain of an export; returns how many records each epoch has. */
function walk(lines: readonly Line[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const start of lines.filter(({ kind }) => kind === 'epoch')) {
    const own = lines.filter(({ device, epoch }) => device === start.device && epoch === start.epoch)
    expect(own.map(({ kind }) => kind)).toEqual(
      own.map(({ kind }) => kind).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)),
    )
    const links = [start['genesis']]
    const predecessor = start['predecessor'] as [string, number, string] | null
    const named = predecessor === null ? null : [hex(predecessor[0]), predecessor[1], hex(predecessor[2])]
    const genesis = encode([start.device, hex(start['publicKey']), hex(start.epoch), named])
    expect(sha256(Buffer.from('ankang/v1 chain'), genesis)).toBe(start['genesis'])
    for (const record of own.filter(({ kind }) => kind === 'record')) {
      expect(record['seq']).toBe(links.length)
      expect(sha256(hex(record['body']))).toBe(record['bodyHash'])
      expect(sha256(hex(links.at(-1)), seqBytes(links.length), hex(record['bodyHash']))).toBe(record['link'])
      links.push(record['link'])
    }
    for (const batch of own.filter(({ kind }) => kind === 'batch')) {
      const payload = readSigned(batch['cose'], start['publicKey'], 'ak1/batch')
      expect([payload.get(3), payload.get(4)]).toEqual([batch['from'], batch['through']])
      expect(Buffer.from(payload.get(5) as Uint8Array).toString('hex')).toBe(links[Number(batch['from']) - 1])
      expect(Buffer.from(payload.get(6) as Uint8Array).toString('hex')).toBe(links[Number(batch['through'])])
    }
    for (const head of own.filter(({ kind }) => kind === 'head')) {
      const payload = readSigned(head['cose'], start['publicKey'], 'ak1/head')
      expect(Buffer.from(payload.get(4) as Uint8Array).toString('hex')).toBe(links[Number(head['seq'])])
    }
    counts[`${start.device}/${start.epoch}`] = links.length - 1
  }
  return counts
}

const ORDER = ['epoch', 'record', 'batch', 'head']

function parseLines(text: string): Line[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

/** A controller with two doors, one of which has begun a second epoch. */
async function filledController() {
  const door = new SigningDevice({ seed: Buffer.alloc(32, 1) }).write(40)
  const other = new SigningDevice({ device: 'hall-door-2', seed: Buffer.alloc(32, 2) }).write(3)
  const controller = await runningController([door, other])
  const line = await deviceLine(controller, door)
  await line.ask('records', door.batch(1, 25))
  await line.ask('records', door.batch(20, 40))
  await line.say('head', door.head())
  const firstEpoch = door.place()
  door.startEpoch().write(2)
  await line.ask('records', door.batch(1, 2))
  const otherLine = await deviceLine(controller, other)
  await otherLine.ask('records', other.batch(1, 3))
  return { door, other, controller, line, firstEpoch }
}

describe('ankang export', () => {
  it('writes chains that an independent walk can follow, while the controller runs', async () => {
    const { door, other, controller, firstEpoch } = await filledController()
    const { io, text } = memoryIo(controller.home)
    expect(await exportCommand.run(['--home', '.'], io)).toBe(0)

    const lines = parseLines(text.out)
    const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
    expect(walk(lines)).toEqual({
      [`hall-door-1/${toHex(firstEpoch.epoch)}`]: 40,
      [`hall-door-1/${toHex(door.epoch)}`]: 2,
      [`hall-door-2/${toHex(other.epoch)}`]: 3,
    })
    expect(lines.filter(({ kind }) => kind === 'batch')).toHaveLength(4)
    expect(lines.filter(({ kind }) => kind === 'head')).toHaveLength(1)
  })

  it('would not pass the walk with one bit of one body changed', async () => {
    const { controller } = await filledController()
    const { io, text } = memoryIo(controller.home)
    await exportCommand.run(['--home', '.'], io)
    const lines = parseLines(text.out)
    const record = lines.find(({ kind }) => kind === 'record')
    if (record === undefined) throw new RangeError('expected a record in the export')
    const body = hex(record['body'])
    body[10] = (body[10] ?? 0) ^ 1
    record['body'] = body.toString('hex')
    expect(() => walk(lines)).toThrow()
  })

  it('gives one device alone when asked', async () => {
    const { controller } = await filledController()
    const { io, text } = memoryIo(controller.home)
    await exportCommand.run(['--home', '.', '--device', 'hall-door-2'], io)
    expect(new Set(parseLines(text.out).map(({ device }) => device))).toEqual(new Set(['hall-door-2']))
  })

  it('puts a whole export into a file, or none', async () => {
    const { controller } = await filledController()
    const { io, text } = memoryIo(controller.home)
    expect(await exportCommand.run(['--home', '.', '--out', 'ledger.jsonl'], io)).toBe(0)
    expect(text.out).toBe('')
    expect(Object.keys(walk(parseLines(readFileSync(join(controller.home, 'ledger.jsonl'), 'utf8'))))).toHaveLength(3)
    const nowhere = exportCommand.run(['--home', '.', '--out', 'no/such/folder.jsonl'], io)
    await expect(nowhere).rejects.toThrow(/check that it is no folder, and that its own folder exists/)
  })

  it('keeps a head whose epoch never arrived, since it tells of a loss', async () => {
    const { door, controller, line } = await filledController()
    const known = door.batch(1, 2)
    door.startEpoch().write(5)
    await line.say('head', door.head())
    await line.ask('records', known) // answered after the head, so that is stored by then
    const { io, text } = memoryIo(controller.home)
    await exportCommand.run(['--home', '.', '--device', door.device], io)
    expect(parseLines(text.out).at(-1)).toMatchObject({ kind: 'head', seq: 5 })
  })

  it('says where it looked when there is no store, and makes none', async () => {
    const home = tempFolder()
    const run = exportCommand.run(['--home', home], memoryIo(home).io)
    await expect(run).rejects.toThrow(UsageError)
    await expect(run).rejects.toThrow(join(home, 'controller', 'store.sqlite'))
  })

  it('refuses a flag it does not know and points to the help', async () => {
    const { io, text } = memoryIo('/')
    await expect(exportCommand.run(['--hoem', 'x'], io)).rejects.toThrow(/--hoem/)
    expect(await exportCommand.run(['--help'], io)).toBe(0)
    expect(text.out).toContain('例 example:')
  })

  it('stops when it is told to, and leaves no file', async () => {
    const { controller } = await filledController()
    const { io, text } = memoryIo(controller.home, AbortSignal.abort())
    expect(await exportCommand.run(['--home', '.', '--out', 'ledger.jsonl'], io)).toBe(1)
    expect(text.err).toContain('stopped')
    expect(() => readFileSync(join(controller.home, 'ledger.jsonl'))).toThrow(/ENOENT/)
  })
})
