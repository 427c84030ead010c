import {
  catalogue,
  decodeBody,
  openSealed,
  parsePolicy,
  SEALED_FIELDS,
  type SessionAnnouncement,
  sha256,
  utf8,
} from '@ankang/protocol'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { MemoryRelay } from '../../src/testing/index.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { memoryJournal, testLine } from '../fixtures/test-line.ts'
import { countySecret, NOW_SECONDS, phoneCode, policyJson, testTrust } from '../fixtures/test-world.ts'

function body(bytes: Uint8Array | undefined) {
  const decoded = decodeBody(bytes ?? new Uint8Array(0))
  if (!decoded.ok) throw new TypeError(decoded.detail)
  return decoded.value
}

describe('the line', () => {
  it('carries a green code to the relay, the glass and the voice, with one record', async () => {
    const { show, journal, relay, display, voice } = testLine()
    expect(await show(phoneCode())).toMatchObject({ seq: 1, outcome: 'admit', reason: 'ok', reader: 'scanner' })
    expect(relay.movements).toEqual([{ output: 'door', on: true }])
    expect(display.shown).toMatchObject([
      { kind: 'result', outcome: 'admit', maskedName: '张*三', reason: { id: 'ok' } },
    ])
    expect(voice.played).toEqual(['welcome'])
    expect(body(journal.records[0]?.body)).toMatchObject({
      type: 'showing',
      seq: 1,
      scene: 'hall-door',
      outcome: 'admit',
      reason: 'ok',
      family: 'ak1',
      colour: 'green',
      timeTrust: 'synced',
    })
    expect(journal.records).toHaveLength(1)
  })

  it('opens nothing for what it refuses or refers, and records it all the same', async () => {
    const { show, journal, relay } = testLine()
    const shown = [
      phoneCode({ colour: 3 }),
      phoneCode({ number: 2, colour: 2 }),
      phoneCode({ number: 3, shownAt: NOW_SECONDS - 61 }),
      'AK1:',
      'https://example.org/',
    ]
    for (const text of shown) await show(text)
    expect(journal.records.map(record => body(record.body)).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['deny', 'colour-red'],
      ['refer', 'colour-yellow'],
      ['deny', 'proof-stale'],
      ['deny', 'malformed'],
      ['deny', 'unrecognised'],
    ])
    expect(relay.movements).toEqual([])
  })

  it('moves the relay only once the record is durable', async () => {
    const order: string[] = []
    const clock = new TestClock(NOW_SECONDS * 1000)
    const journal = memoryJournal(clock)
    const append = journal.append.bind(journal)
    journal.append = async entry => {
      order.push('write begins')
      await new Promise(setImmediate)
      const record = await append(entry)
      order.push('durable')
      return record
    }
    const relay = { pulse: async () => void order.push('relay'), allOff: async () => undefined }
    await testLine({ journal, relay, clock }).show(phoneCode())
    expect(order).toEqual(['write begins', 'durable', 'relay'])
  })

  it('opens nothing when the record cannot be written, and says that storage is full', async () => {
    const { show, journal, relay, display, journalFaults } = testLine()
    journal.full = true
    expect(await show(phoneCode())).toMatchObject({ seq: null, outcome: 'deny', reason: 'storage-full' })
    expect(relay.movements).toEqual([])
    expect(display.shown).toMatchObject([{ reason: { id: 'storage-full' } }])
    expect(journalFaults.map(fault => fault.code)).toEqual(['journal-full'])
    journal.full = false
    expect(await show(phoneCode())).toMatchObject({ seq: 1, outcome: 'admit' })
  })

  it('refuses the same showing the second time, also when both stand in line at once', async () => {
    const { show, relay } = testLine()
    const code = phoneCode()
    const ends = await Promise.all([show(code), show(code), show(code)])
    expect(ends.map(end => end.reason)).toEqual(['ok', 'replayed', 'replayed'])
    expect(relay.movements).toHaveLength(1)
  })

  it('counts a referral as a showing', async () => {
    const { show } = testLine()
    const code = phoneCode({ colour: 2 })
    expect([(await show(code)).reason, (await show(code)).reason]).toEqual(['colour-yellow', 'replayed'])
  })

  it('leaves no mark for a refusal: the same showing passes once its reason is gone', async () => {
    const { show, clock } = testLine()
    const early = phoneCode({ shownAt: NOW_SECONDS + 21 })
    expect((await show(early)).reason).toBe('proof-future')
    clock.advance(1000)
    expect((await show(early)).reason).toBe('ok')
  })

  it('admits the next person while a broken output is recorded as failed after admission', async () => {
    const { show, relay, journal, actionFaults } = testLine()
    relay.failure.begin()
    await show(phoneCode())
    relay.failure.end()
    await show(phoneCode({ number: 2 }))
    expect(journal.records.map(record => body(record.body).type)).toEqual(['showing', 'action-failed', 'showing'])
    expect(body(journal.records[1]?.body).sceneMap).toEqual(new Map([[1, 1]]))
    expect(actionFaults).toEqual([1])
  })

  it('refuses nobody because glass or voice is broken', async () => {
    const { show, display, voice, relay, signalFaults } = testLine()
    display.failure.begin()
    voice.failure.begin()
    expect((await show(phoneCode())).outcome).toBe('admit')
    expect(relay.movements).toHaveLength(1)
    expect(signalFaults.sort()).toEqual(['display', 'voice'])
  })

  it('seals the person for the county, and leaves nothing of them readable in the record', async () => {
    const county = nacl.box.keyPair.fromSecretKey(countySecret)
    const { show, journal } = testLine({ trust: testTrust(county.publicKey) })
    await show(phoneCode({ maskedName: '欧阳*雪' }))
    const [session, showing] = journal.records.map(record => body(record.body))
    expect([session?.type, showing?.type]).toEqual(['session', 'showing'])
    const announced = session?.sceneMap
    const announcement = {
      id: announced?.get(1),
      ephemeralPublicKey: announced?.get(2),
      recipientKeyHash: announced?.get(3),
    } as SessionAnnouncement
    const opened = openSealed(showing?.sealed ?? new Uint8Array(0), announcement, countySecret)
    expect(opened).toEqual({
      ok: true,
      value: new Map<number, unknown>([
        [SEALED_FIELDS.subject, sha256(utf8('subject 1')).subarray(0, 16)],
        [SEALED_FIELDS.credentialId, sha256(utf8('credential 1')).subarray(0, 12)],
        [SEALED_FIELDS.maskedName, '欧阳*雪'],
      ]),
    })
    for (const { body: bytes } of journal.records) {
      const readable = Buffer.from(bytes)
      for (const secret of [
        Buffer.from('欧阳'),
        Buffer.from(sha256(utf8('subject 1')).subarray(0, 16)),
        Buffer.from(sha256(utf8('credential 1')).subarray(0, 12)),
      ]) {
        expect(readable.includes(secret)).toBe(false)
      }
    }
  })

  it('opens a new sealing session after an hour', async () => {
    const county = nacl.box.keyPair.fromSecretKey(countySecret)
    const { show, journal, clock } = testLine({ trust: testTrust(county.publicKey) })
    await show(phoneCode())
    clock.advance(3_599_000)
    await show('x')
    await show(phoneCode({ number: 2, shownAt: NOW_SECONDS + 3599 }))
    clock.advance(1000)
    await show(phoneCode({ number: 3, shownAt: NOW_SECONDS + 3600 }))
    expect(journal.records.map(record => body(record.body).type)).toEqual([
      'session',
      'showing',
      'showing',
      'showing',
      'session',
      'showing',
    ])
  })

  it('keeps nothing of the person where the trust file names no county key', async () => {
    const { show, journal } = testLine()
    await show(phoneCode())
    expect(body(journal.records[0]?.body).sealed).toBeUndefined()
  })

  it('records the stages before the record in tenths of a millisecond, and what the decision stood on', async () => {
    const { show, journal } = testLine()
    await show(phoneCode())
    const { stages, basis } = body(journal.records[0]?.body)
    expect(stages).toEqual({ read: 13, recognise: 0, verify: 0, decide: 0 })
    expect(basis).toMatchObject({ bundleVersion: 1, listAsOf: null, staleness: null })
    expect(basis?.issuerKid).toHaveLength(8)
  })

  it('refuses by the clock only where the policy asks for a trusted one', async () => {
    const policy = parsePolicy({ ...policyJson, clock: 'refer' }, catalogue)
    const careless = testLine()
    const careful = testLine({ policy })
    careless.clock.trusted = 'unknown'
    careful.clock.trusted = 'unknown'
    expect((await careless.show(phoneCode())).outcome).toBe('admit')
    expect(await careful.show(phoneCode())).toMatchObject({ outcome: 'refer', reason: 'clock-untrusted' })
  })

  it('holds the door as long as the policy says', async () => {
    const durations: number[] = []
    const relay = {
      pulse: async (_: string, durationMs: number) => void durations.push(durationMs),
      allOff: async () => undefined,
    }
    await testLine({ relay }).show(phoneCode())
    await testLine({ relay, policy: parsePolicy({ ...policyJson, openSeconds: 7 }, catalogue) }).show(phoneCode())
    expect(durations).toEqual([3000, 7000])
  })

  it('counts junk from the fourth in ten seconds on, in one further record', async () => {
    const { show, line, journal, clock, display, ended } = testLine()
    for (let i = 0; i < 10; i++) await show(`junk ${i}`)
    expect(ended.map(end => end.seq)).toEqual([1, 2, 3, ...Array(7).fill(null)])
    expect(display.shown.at(-1)).toMatchObject({ reason: { id: 'unrecognised' } })
    await show(phoneCode())
    const written = () =>
      journal.records.map(record => body(record.body)).map(({ reason, sceneMap }) => [reason, sceneMap?.get(1)])
    const junk = ['unrecognised', undefined]
    expect(written()).toEqual([junk, junk, junk, ['unrecognised', 7], ['ok', undefined]])
    for (let i = 0; i < 5; i++) await show(`junk ${i}`)
    clock.advance(10_000)
    await line.tick()
    expect(written().slice(5)).toEqual([junk, junk, junk, ['unrecognised', 2]])
    await show('junk')
    expect(written()).toHaveLength(10)
  })

  it('keeps the count of junk over a full disk', async () => {
    const { show, line, journal } = testLine()
    for (let i = 0; i < 5; i++) await show('junk')
    journal.full = true
    await line.idle()
    journal.full = false
    await line.idle()
    expect(body(journal.records.at(-1)?.body).sceneMap).toEqual(new Map([[1, 2]]))
    expect(journal.records).toHaveLength(4)
  })

  it('drops what is more than a queue of people, says so, and carries the next one', async () => {
    const { line, show, ended, overruns } = testLine()
    const junk = { bytes: utf8('junk'), reader: 'scanner', startedAtMs: 0, readMs: 0 }
    const flood = await Promise.all(Array.from({ length: 100 }, () => line.present(junk)))
    expect(flood.filter(end => end === null)).toHaveLength(36)
    expect(overruns).toEqual(Array(36).fill('scanner'))
    expect(ended).toHaveLength(64)
    expect((await show(phoneCode())).outcome).toBe('admit')
  })

  it('never opens without a record, and never twice for one showing, whatever comes in whatever order', async () => {
    const codes = [0, 1, 2, 3].map(number => phoneCode({ number, colour: (number % 3) + 1 }))
    const step = fc.oneof(
      fc.record({ code: fc.nat(codes.length - 1) }),
      fc.record({ full: fc.boolean() }),
      fc.record({ relayBroken: fc.boolean() }),
      fc.record({ junk: fc.uint8Array({ maxLength: 40 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const { show, line, journal, relay, ended } = testLine({ relay: new MemoryRelay() })
        for (const one of steps) {
          if ('full' in one) journal.full = one.full
          else if ('relayBroken' in one) one.relayBroken ? relay.failure.begin() : relay.failure.end()
          else if ('junk' in one) await line.present({ bytes: one.junk, reader: 'scanner', startedAtMs: 0, readMs: 0 })
          else await show(codes[one.code] ?? '')
        }
        const admissions = journal.records.filter(record => body(record.body).outcome === 'admit')
        expect(relay.movements.filter(movement => movement.on).length).toBeLessThanOrEqual(admissions.length)
        expect(
          new Set(admissions.map(record => Buffer.from(body(record.body).showingTag ?? []).toString('hex'))).size,
        ).toBe(admissions.length)
        expect(ended.filter(end => end.outcome === 'admit').every(end => end.seq !== null)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
