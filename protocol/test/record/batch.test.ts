import { deflateRawSync } from 'node:zlib'
import {
  asArray,
  asBytes,
  type BatchPayload,
  checkBatch,
  decodeBatch,
  decodeCbor,
  encodeBatch,
  encodeCbor,
  encodeSign1,
  exportEd25519,
  fromHex,
  genesisLink,
  importEd25519,
  MAX_BATCH_RAW_BYTES,
  nextLink,
  type Predecessor,
  sha256,
  utf8,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOf, STRANGER_KEY } from '../ak1-world.ts'
import { compareBytesAsBytes, everyBitFlipped } from '../equal-bytes.ts'

compareBytesAsBytes()

const DEVICE_KEY = keyOf(20)
const PUBLIC_KEY = exportEd25519(DEVICE_KEY)
const VERIFY_KEY = importEd25519(PUBLIC_KEY) ?? expect.fail('no key')
const EPOCH = fromHex('0102030405060708')
const PREDECESSOR: Predecessor = { epoch: fromHex('1111111111111111'), seq: 3, link: new Uint8Array(32).fill(2) }

interface Made {
  readonly payload: BatchPayload
  readonly bodies: readonly Uint8Array[]
}

function chained(bodies: readonly Uint8Array[], from = 1, predecessor: Predecessor | null = null): Made {
  const start = from === 1 ? { publicKey: PUBLIC_KEY, predecessor } : null
  const linkBefore = genesisLink({ device: 'door-1', publicKey: PUBLIC_KEY, epoch: EPOCH, predecessor })
  let link = linkBefore
  for (const [index, body] of bodies.entries()) link = nextLink(link, from + index, sha256(body))
  const through = from + bodies.length - 1
  const payload = {
    device: 'door-1',
    epoch: EPOCH,
    from,
    through,
    linkBefore,
    linkThrough: link,
    deviceTimeMs: 1_780_000_000_000,
    newestSeq: through,
    start,
  }
  return { payload, bodies }
}

const BODIES = [utf8('one'), utf8('two'), utf8('three')]
const MADE = chained(BODIES)
const encode = ({ payload, bodies }: Made, key = DEVICE_KEY) => encodeBatch(payload, bodies, key)

/** How far a message gets: refused by its form, by signature and chain, or stored. */
function fateOf(message: Uint8Array): string {
  const batch = decodeBatch(message)
  if (!batch.ok) return `form: ${batch.detail}`
  const records = checkBatch(batch.value, VERIFY_KEY)
  return records.ok ? 'stored' : `truth: ${records.detail}`
}

/** A message put together by hand, signed over whatever payload it is given. */
function message(map: ReadonlyMap<unknown, unknown>, encoding: number, packed: Uint8Array): Uint8Array {
  return encodeCbor([encodeSign1(encodeCbor(map), DEVICE_KEY, 'ak1/batch'), encoding, packed])
}

const fields = (...changed: readonly (readonly [number, unknown])[]) => {
  const { payload } = MADE
  const map = new Map<number, unknown>([
    [1, payload.device],
    [2, payload.epoch],
    [3, 1],
    [4, 3],
    [5, payload.linkBefore],
    [6, payload.linkThrough],
    [7, payload.deviceTimeMs],
    [8, 3],
    [9, [PUBLIC_KEY, null]],
    ...changed,
  ])
  for (const [key, value] of map) if (value === undefined) map.delete(key)
  return map
}
const sequence = (...bodies: readonly Uint8Array[]) => Buffer.concat(bodies.map(body => encodeCbor(body)))
const RAW = sequence(...BODIES)

describe('a batch', () => {
  it('gives back payload and bodies, and its records with their links', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(1, 2, 500),
        fc.constantFrom(null, PREDECESSOR),
        (bodies, from, predecessor) => {
          const made = chained(bodies, from, predecessor)
          const batch = decodeBatch(encode(made))
          if (!batch.ok) expect.fail(batch.detail)
          expect(batch.value.payload).toEqual(made.payload)
          const records = checkBatch(batch.value, VERIFY_KEY)
          if (!records.ok) expect.fail(records.detail)
          expect(records.value.map(({ body }) => body)).toEqual(bodies)
          expect(records.value.map(({ seq }) => seq)).toEqual(bodies.map((_, index) => from + index))
          expect(records.value.map(({ bodyHash }) => bodyHash)).toEqual(bodies.map(body => sha256(body)))
          expect(records.value.at(-1)?.link).toEqual(made.payload.linkThrough)
        },
      ),
    )
  })

  it('is the same built by hand from the format', () => {
    expect(fateOf(message(fields(), 0, RAW))).toBe('stored')
    expect(fateOf(message(fields(), 1, deflateRawSync(RAW)))).toBe('stored')
  })

  it('is deflated only where that makes it smaller', () => {
    const encodingOf = (bodies: readonly Uint8Array[]) => {
      const item = decodeCbor(encode(chained(bodies)), { maxBytes: 1 << 20, maxDepth: 8 })
      return item.ok ? asArray(item.value)?.[1] : expect.fail(item.detail)
    }
    expect(encodingOf(BODIES)).toBe(0)
    expect(encodingOf(Array.from({ length: 50 }, () => utf8('the same again and again')))).toBe(1)
  })

  const tampered: Readonly<Record<string, Partial<BatchPayload>>> = {
    'another device': { device: 'door-2' },
    'another epoch': { epoch: new Uint8Array(8) },
    'another link before': { linkBefore: new Uint8Array(32) },
    'another link through': { linkThrough: new Uint8Array(32) },
    'another public key': { start: { publicKey: new Uint8Array(32), predecessor: null } },
    'another predecessor': { start: { publicKey: PUBLIC_KEY, predecessor: PREDECESSOR } },
  }
  for (const [what, changed] of Object.entries(tampered)) {
    it(`does not hold with ${what}, though the device signed it`, () => {
      expect(fateOf(encode({ ...MADE, payload: { ...MADE.payload, ...changed } }))).toMatch(/^truth: (link|chain)/)
    })
  }

  it('does not hold with other numbers in a later batch, where no genesis ties them', () => {
    const made = chained(BODIES, 5)
    const moved = { ...made, payload: { ...made.payload, from: 6, through: 8, newestSeq: 8 } }
    expect(fateOf(encode(made))).toBe('stored')
    expect(fateOf(encode(moved))).toBe('truth: chain does not end in link(8)')
  })

  it('does not hold with bodies altered, swapped or repeated', () => {
    const others = [
      [utf8('one'), utf8('two'), utf8('thrEe')],
      [utf8('two'), utf8('one'), utf8('three')],
      [utf8('one'), utf8('one'), utf8('three')],
    ]
    for (const bodies of others) expect(fateOf(encode({ ...MADE, bodies }))).toMatch(/^truth: chain/)
  })

  it('does not hold when another key signed it, or when it was signed under another name', () => {
    expect(fateOf(encode(MADE, STRANGER_KEY))).toMatch(/^truth: signature/)
    const cose = encodeSign1(encodeCbor(fields()), DEVICE_KEY, 'ak1/head')
    expect(fateOf(encodeCbor([cose, 0, RAW]))).toMatch(/^truth: signature/)
  })

  it('is not stored after any bit has changed', () => {
    for (const [bit, changed] of everyBitFlipped(encode(MADE))) expect(fateOf(changed), `bit ${bit}`).not.toBe('stored')
  })

  it('is not stored at any length short of the whole', () => {
    const bytes = encode(MADE)
    for (let length = 0; length < bytes.length; length++)
      expect(fateOf(bytes.subarray(0, length)), `${length} bytes`).toMatch(/^form: /)
  })

  const malformed: Readonly<Record<string, Uint8Array>> = {
    'more bodies than its numbers': message(fields(), 0, sequence(...BODIES, utf8('four'))),
    'fewer bodies than its numbers': message(fields(), 0, sequence(utf8('one'))),
    'no bodies': message(fields(), 0, new Uint8Array(0)),
    'another encoding': message(fields(), 2, RAW),
    'bodies that do not inflate': message(fields(), 1, RAW),
    'bodies that are text': message(fields(), 0, Buffer.from('636f6e65', 'hex')),
    'a body spelt longer than need be': message(fields([4, 1], [8, 1]), 0, Buffer.from('580161', 'hex')),
    'a body longer than the message': message(fields([4, 1], [8, 1]), 0, Buffer.from('5901', 'hex')),
    'a body over the limit of a record': message(fields([4, 1], [8, 1]), 0, sequence(new Uint8Array(8193))),
    'from 0': message(fields([3, 0]), 0, RAW),
    'through before from': message(fields([3, 4]), 0, RAW),
    'newest before through': message(fields([8, 2]), 0, RAW),
    'a first batch without its start': message(fields([9, undefined]), 0, RAW),
    'a later batch with a start': message(fields([3, 2], [4, 4], [8, 4]), 0, RAW),
    'a start with a short key': message(fields([9, [new Uint8Array(31), null]]), 0, RAW),
    'a start with a broken predecessor': message(fields([9, [PUBLIC_KEY, [EPOCH, 1]]]), 0, RAW),
    'an epoch of 7 bytes': message(fields([2, new Uint8Array(7)]), 0, RAW),
    'a link of 31 bytes': message(fields([5, new Uint8Array(31)]), 0, RAW),
    'a device that is a number': message(fields([1, 7]), 0, RAW),
    'a payload that is no map': encodeCbor([encodeSign1(encodeCbor([1]), DEVICE_KEY, 'ak1/batch'), 0, RAW]),
    'two parts': encodeCbor([encodeSign1(encodeCbor(fields()), DEVICE_KEY, 'ak1/batch'), RAW]),
    'a kid in its header': encodeCbor([
      encodeSign1(encodeCbor(fields()), DEVICE_KEY, 'ak1/batch', new Uint8Array(8)),
      0,
      RAW,
    ]),
  }
  for (const [what, bytes] of Object.entries(malformed)) {
    it(`is refused with ${what}`, () => {
      expect(fateOf(bytes)).toMatch(/^(form|truth): /)
    })
  }

  it('may hold a mebibyte of bodies, deflated or not, and not a byte more', () => {
    const full = Array.from({ length: 128 }, () => new Uint8Array(8189)) // 3 bytes of head each: 8,192
    expect(sequence(...full)).toHaveLength(MAX_BATCH_RAW_BYTES)
    expect(fateOf(encode(chained(full)))).toBe('stored')
    const over = [...full.slice(1), new Uint8Array(8190)]
    expect(fateOf(encode(chained(over)))).toMatch(/^truth: .*1 MiB/)
  })

  it('is refused when it would inflate to 64 MiB', () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024))
    const small = message(fields(), 1, bomb)
    expect(small.length).toBeLessThan(100_000)
    expect(fateOf(small)).toMatch(/^truth: bodies do not inflate under 1 MiB/)
  })

  it('is refused with a million empty bodies, and costs a stranger’s receiver no inflating at all', () => {
    const many = deflateRawSync(Buffer.alloc(MAX_BATCH_RAW_BYTES, 0x40))
    const claimed = fields([4, MAX_BATCH_RAW_BYTES], [8, MAX_BATCH_RAW_BYTES])
    expect(fateOf(message(claimed, 1, many))).toMatch(/^form: more than 4096 records/)
    expect(fateOf(message(fields(), 1, many))).toMatch(/^truth: bodies are not/)
    const strangers = encodeCbor([encodeSign1(encodeCbor(fields()), STRANGER_KEY, 'ak1/batch'), 1, many])
    expect(fateOf(strangers)).toMatch(/^truth: signature/)
  })

  it('keeps the signed part as received, for the log and the auditor', () => {
    const bytes = encode(MADE)
    const item = decodeCbor(bytes, { maxBytes: 1 << 20, maxDepth: 8 })
    const batch = decodeBatch(bytes)
    expect(batch.ok && batch.value.cose).toEqual(item.ok && asBytes(asArray(item.value)?.[0]))
  })
})
