import {
  commandFormat,
  type Decoded,
  type Desired,
  type DeviceCommand,
  desiredFormat,
  MAX_RESULT_BYTES,
  MAX_RESULT_DETAIL_CHARS,
  MAX_SIGNED_BYTES,
  type OrderResult,
  resultFormat,
  type SignedPayload,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytesAsBytes } from '../equal-bytes.ts'
import { describeSigned, SIGNING_KEY, SIGNING_KID, signedSubject } from '../signed-subject.ts'

compareBytesAsBytes()

const ID = '00112233445566778899aabbccddeeff'
const ARGS = { seconds: 3, level: 'debug' }
const NONCE = new Uint8Array(16).fill(9)
const COMMAND: DeviceCommand = {
  device: 'door-1',
  id: ID,
  issuedAt: 1_780_000_000,
  expiresAt: 1_780_000_030,
  name: 'open-once',
  args: ARGS,
  bootNonce: NONCE,
}
const DESIRED: Desired = { device: 'door-1', version: 2, issuedAt: 1_780_000_000, config: ARGS }
const RESULT: OrderResult = { device: 'door-1', id: ID, timeMs: 1_780_000_001_000, ok: true, detail: 'done' }

const SUBJECTS = [
  signedSubject({
    name: 'command',
    format: commandFormat,
    content: COMMAND,
    signer: 'centre',
    map: new Map<number, unknown>([
      [1, 'door-1'],
      [2, ID],
      [3, COMMAND.issuedAt],
      [4, COMMAND.expiresAt],
      [5, 'open-once'],
      [6, new Map(Object.entries(ARGS))],
      [7, NONCE],
    ]),
  }),
  signedSubject({
    name: 'desired',
    format: desiredFormat,
    content: DESIRED,
    signer: 'centre',
    map: new Map<number, unknown>([
      [1, 'door-1'],
      [2, 2],
      [3, DESIRED.issuedAt],
      [4, new Map(Object.entries(ARGS))],
    ]),
  }),
  signedSubject({
    name: 'result',
    format: resultFormat,
    content: RESULT,
    signer: 'device',
    map: new Map<number, unknown>([
      [1, 'door-1'],
      [2, ID],
      [3, RESULT.timeMs],
      [4, true],
      [5, 'done'],
    ]),
  }),
]
const [command, desired, result] = SUBJECTS

for (const subject of SUBJECTS) describeSigned(subject, SUBJECTS)

const topicId = fc.stringMatching(/^[a-z0-9-]{1,40}$/).filter(id => !['trust', 'log', 'replay'].includes(id))
const uint = fc.maxSafeNat()
const settings = fc.dictionary(fc.string({ maxLength: 10 }), fc.oneof(fc.string({ maxLength: 20 }), uint), {
  maxKeys: 8,
})

function contentOf<T>(decoded: Decoded<SignedPayload<T>>): T {
  if (!decoded.ok) throw new RangeError(decoded.detail)
  return decoded.value.content
}

describe('orders, desired states and results', () => {
  it('say what they were given to say, whatever it is', () => {
    const anyCommand = fc.record({
      device: fc.string({ maxLength: 40 }),
      id: topicId,
      issuedAt: uint,
      expiresAt: uint,
      name: fc.string({ maxLength: 40 }),
      args: settings,
      bootNonce: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    })
    const anyDesired = fc.record({
      device: fc.string({ maxLength: 40 }),
      version: uint.map(version => Math.max(1, version)),
      issuedAt: uint,
      config: settings,
    })
    const anyResult = fc.record({
      device: fc.string({ maxLength: 40 }),
      id: topicId,
      timeMs: uint,
      ok: fc.boolean(),
      detail: fc.string({ unit: 'binary', maxLength: MAX_RESULT_DETAIL_CHARS / 2 }),
    })
    fc.assert(
      fc.property(anyCommand, anyDesired, anyResult, (one, two, three) => {
        // dictionaries of fast-check have no prototype, which toEqual does not mind
        expect(contentOf(commandFormat.decode(commandFormat.encode(one, SIGNING_KEY, SIGNING_KID)))).toEqual(one)
        expect(contentOf(desiredFormat.decode(desiredFormat.encode(two, SIGNING_KEY, SIGNING_KID)))).toEqual(two)
        expect(contentOf(resultFormat.decode(resultFormat.encode(three, SIGNING_KEY)))).toEqual(three)
      }),
    )
  })

  it('are refused or read, and never thrown over, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        for (const { read } of SUBJECTS) expect(read(bytes)).toBe('form')
      }),
    )
  })
})

describe('a command', () => {
  const changed = (field: number, value: unknown) =>
    command?.read(command.sign(new Map([...command.map, [field, value]])))

  it('takes arguments of texts and whole numbers, and no others', () => {
    for (const args of [
      new Map(),
      new Map<string, unknown>([
        ['a', 'b'],
        ['c', 0],
      ]),
    ])
      expect(changed(6, args)).toMatchObject({ args: Object.fromEntries(args) })
    for (const value of [true, null, -1, [1], new Map(), NONCE])
      expect(changed(6, new Map([['a', value]]))).toBe('form')
    expect(changed(6, new Map([[1, 'a']]))).toBe('form')
  })

  it('keeps an argument named like what every object has to itself', () => {
    const read = changed(6, new Map([['__proto__', 'x']]))
    expect(read).toMatchObject({ device: 'door-1' })
    expect(Object.hasOwn(Reflect.get(Object(read), 'args'), '__proto__')).toBe(true)
  })

  it('has a boot nonce of sixteen bytes, an id that can be a topic’s, and a short name', () => {
    for (const length of [0, 15, 17]) expect(changed(7, new Uint8Array(length))).toBe('form')
    for (const id of ['', '+', 'a/b', 'A', 'trust', 'x'.repeat(41)]) expect(changed(2, id)).toBe('form')
    expect(changed(5, 'x'.repeat(40))).toMatchObject({ name: 'x'.repeat(40) })
    expect(changed(5, 'x'.repeat(41))).toBe('form')
  })

  it('is refused when it is longer than any has to be', () => {
    expect(changed(6, new Map([['a', 'x'.repeat(MAX_SIGNED_BYTES)]]))).toBe('form')
  })
})

describe('a desired state', () => {
  it('is numbered from one', () => {
    expect(desired?.read(desired.sign(new Map([...desired.map, [2, 0]])))).toBe('form')
    expect(desired?.read(desired.sign(new Map([...desired.map, [2, 1]])))).toMatchObject({ version: 1 })
  })
})

describe('a result', () => {
  const withDetail = (detail: string) => result?.read(result.sign(new Map([...result.map, [5, detail]])))

  it('has room for the longest detail in any script, and for nothing beyond it', () => {
    for (const sign of ['x', '门']) {
      expect(withDetail(sign.repeat(MAX_RESULT_DETAIL_CHARS))).toMatchObject({ ok: true })
      expect(withDetail(sign.repeat(MAX_RESULT_DETAIL_CHARS + 1))).toBe('form')
    }
    const longest = resultFormat.encode({ ...RESULT, detail: '门'.repeat(MAX_RESULT_DETAIL_CHARS) }, SIGNING_KEY)
    expect(longest.length).toBeLessThan(MAX_RESULT_BYTES)
  })

  it('says yes or no, not something like it', () => {
    for (const ok of [1, 0, 'true', null])
      expect(result?.read(result.sign(new Map([...result.map, [4, ok]])))).toBe('form')
    expect(result?.read(result.sign(new Map([...result.map, [4, false]])))).toMatchObject({ ok: false })
  })
})
