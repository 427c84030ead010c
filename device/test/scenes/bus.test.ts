import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  catalogue,
  EVIDENCE_FIELDS,
  EVIDENCE_KEY,
  lengthDeclaredBy,
  openSealed,
  rideTag,
  type SessionAnnouncement,
  sha256,
  showingTag,
  utf8,
} from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RIDE_NOW } from '../../../protocol/test/ride-world.ts'
import { POSITION } from '../../../protocol/test/scenes/bus-world.ts'
import { SqliteJournal } from '../../src/adapters/sqlite/sqlite-journal.ts'
import { LineFramer } from '../../src/framing/line-framer.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { bodyOf, busLine, clearingSecret, codeAt, ridesIn } from '../fixtures/bus-line.ts'
import { devicePublicKey } from '../fixtures/test-world.ts'

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function journalFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bus-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'journal.sqlite')
}

function openJournal(file: string, clock: TestClock): SqliteJournal {
  let counter = 0
  const random = (length: number) => new Uint8Array(length).fill(++counter)
  return new SqliteJournal({
    file,
    device: 'bus-1',
    publicKey: devicePublicKey,
    clock,
    random,
    markKey: new Uint8Array(32),
  })
}

describe('the bus', () => {
  it('gives one voice and one charge a ride', async () => {
    const { ride, show, clock, voice, journal, display } = await busLine()
    const code = codeAt(clock)
    expect(await show(code)).toMatchObject({ outcome: 'admit', reason: 'ok' })
    clock.advance(2000)
    expect(await show(code)).toMatchObject({ outcome: 'deny', reason: 'replayed' })
    clock.advance(28_000)
    expect(await ride()).toMatchObject({ outcome: 'deny', reason: 'ride-repeated' })
    expect(voice.played).toEqual(['ride-ordinary', 'ride-repeated', 'ride-repeated'])
    expect(display.shown).toMatchObject([
      { outcome: 'admit', notice: { zh: '票价 2.00 元' } },
      { outcome: 'deny', notice: { zh: '请勿重复刷码' } },
      { outcome: 'deny', reason: { zh: '请勿重复刷码' } },
    ])
    expect(ridesIn(journal)).toMatchObject([{ chargedFen: 200, position: POSITION }])
  })

  it('refuses a replay across a reboot, and a refreshed code of the same ride too', async () => {
    const file = journalFile()
    const clock = new TestClock(RIDE_NOW * 1000)
    const code = codeAt(clock)
    const before = await busLine({ clock, journal: openJournal(file, clock) })
    expect(await before.show(code)).toMatchObject({ reason: 'ok' })
    await before.journal.close()
    clock.advance(20_000)
    const after = await busLine({ clock, journal: openJournal(file, clock) })
    expect(await after.show(code)).toMatchObject({ reason: 'replayed' })
    expect(await after.ride()).toMatchObject({ reason: 'ride-repeated' })
    expect(ridesIn(after.journal)).toHaveLength(1)
    await after.journal.close()
  })

  it('charges nobody while its clock is reset to the past, and nobody twice once it is right again', async () => {
    const file = journalFile()
    const clock = new TestClock(RIDE_NOW * 1000)
    const first = await busLine({ clock, journal: openJournal(file, clock) })
    const code = codeAt(clock)
    expect(await first.show(code)).toMatchObject({ reason: 'ok' })
    await first.journal.close()

    const reset = new TestClock(0)
    const lost = await busLine({ clock: reset, journal: openJournal(file, reset) })
    expect(await lost.show(code)).toMatchObject({ reason: 'proof-future' })
    expect(await lost.show(codeAt(clock))).toMatchObject({ reason: 'proof-future' })
    reset.step(RIDE_NOW * 1000 + 30_000)
    expect(await lost.show(code)).toMatchObject({ reason: 'replayed' })
    expect(await lost.ride()).toMatchObject({ reason: 'ride-repeated' })
    expect(ridesIn(lost.journal)).toHaveLength(1)
    await lost.journal.close()
  })

  it('does not lock a passenger out who rode while its clock was ahead', async () => {
    const { ride, clock } = await busLine()
    clock.step(86_400_000)
    expect(await ride()).toMatchObject({ reason: 'ok' })
    clock.step(-86_400_000)
    expect(await ride()).toMatchObject({ reason: 'ok' })
  })

  it('reads a code cut at every byte boundary as the same one ride', async () => {
    const clock = new TestClock(RIDE_NOW * 1000)
    const code = codeAt(clock, { customBytes: 32 })
    const arriving = Uint8Array.from([...code, 0x0d])
    const declaredLength = lengthDeclaredBy(catalogue.families)
    const { show, journal } = await busLine({ clock })
    for (let cut = 1; cut < arriving.length; cut++) {
      const framer = new LineFramer({ delimiter: 'cr', maxBytes: 4096, declaredLength })
      const events = [...framer.push(arriving.subarray(0, cut), 0), ...framer.push(arriving.subarray(cut), 5)]
      const frames = events.map(event => (event.kind === 'frame' ? event.bytes : expect.fail(`cut before byte ${cut}`)))
      expect(frames).toHaveLength(1)
      for (const frame of frames) expect(await show(frame)).toMatchObject({ reason: cut === 1 ? 'ok' : 'replayed' })
    }
    expect(ridesIn(journal)).toHaveLength(1)
  })

  it('charges the senior rate by account type, and says whose rate it is', async () => {
    const { ride, voice, journal } = await busLine()
    for (const [account, accountType] of (['ordinary', 'student', 'senior'] as const).entries())
      expect(await ride({ account, accountType })).toMatchObject({ reason: 'ok' })
    expect(ridesIn(journal).map(({ chargedFen, fareClass }) => [chargedFen, fareClass])).toEqual([
      [200, 'ordinary'],
      [100, 'student'],
      [0, 'senior'],
    ])
    expect(voice.played).toEqual(['ride-ordinary', 'ride-student', 'ride-senior'])
  })

  it('refuses a ride over the account’s single-ride limit, and charges nothing', async () => {
    const { ride, journal, voice } = await busLine()
    expect(await ride({ singleRideLimitFen: 199 })).toMatchObject({ outcome: 'deny', reason: 'fare-limit' })
    expect(voice.played).toEqual(['pay-otherwise'])
    expect(ridesIn(journal)).toEqual([])
  })

  it('goes on for days offline, restarted every night and past its listed day keys, and loses no ride', async () => {
    const file = journalFile()
    const clock = new TestClock(RIDE_NOW * 1000)
    let journal = openJournal(file, clock)
    for (let day = 0; day < 9; day++) {
      const { ride } = await busLine({ clock, journal })
      for (let account = 0; account < 5; account++) expect(await ride({ account })).toMatchObject({ reason: 'ok' })
      await journal.close()
      clock.advance(86_400_000)
      journal = openJournal(file, clock)
    }
    const rides = ridesIn(journal)
    await journal.close()
    expect(rides).toHaveLength(45)
    expect(sum(rides.map(({ chargedFen }) => chargedFen))).toBe(45 * 200)
    expect(new Set(rides.map(({ day }) => day)).size).toBe(9)
    expect(new Set(rides.map(({ tag }) => Buffer.from(tag).toString('hex'))).size).toBe(45)
  })

  it('takes nobody with a full journal: no record, no charge, one voice', async () => {
    const { ride, journal, voice, journalFaults } = await busLine()
    expect(await ride({ account: 1 })).toMatchObject({ reason: 'ok' })
    journal.full = true
    expect(await ride({ account: 2 })).toMatchObject({ seq: null, outcome: 'deny', reason: 'storage-full' })
    expect(voice.played).toEqual(['ride-ordinary', 'call-staff'])
    expect(journalFaults).not.toHaveLength(0)
    journal.full = false
    expect(await ride({ account: 2 })).toMatchObject({ reason: 'ok' })
    expect(ridesIn(journal)).toHaveLength(2)
  })

  it('lets the driver’s key charge a companion once', async () => {
    const { ride, clock, vehicle, journal } = await busLine()
    expect(await ride()).toMatchObject({ reason: 'ok' })
    clock.advance(5000)
    expect(await ride()).toMatchObject({ reason: 'ride-repeated' })
    vehicle.pressKey()
    clock.advance(2000)
    expect(await ride()).toMatchObject({ reason: 'ok' })
    clock.advance(1000)
    expect(await ride()).toMatchObject({ reason: 'ride-repeated' })
    expect(ridesIn(journal).map(({ byDriverKey }) => byDriverKey)).toEqual([false, true])
  })

  it('records where it is as it goes, and charges a flat fare before the vehicle has spoken', async () => {
    const { ride, vehicle, journal } = await busLine()
    expect(await ride({ account: 1 })).toMatchObject({ reason: 'ok' })
    vehicle.drive({ ...POSITION, direction: 'down', stop: 4 })
    expect(await ride({ account: 2 })).toMatchObject({ reason: 'ok' })
    expect(ridesIn(journal).map(({ position }) => position)).toEqual([
      POSITION,
      { ...POSITION, direction: 'down', stop: 4 },
    ])
  })
})

describe('the evidence of a ride', () => {
  it('is the whole code, sealed for the clearing house alone, by the session and the counter that seal for the county too', async () => {
    const { ride, show, clock, journal, recorder } = await busLine()
    await recorder.prepare()
    const code = codeAt(clock, { account: 7 })
    await show(code)
    await ride({ account: 8 })
    const bodies = journal.records.map(record => bodyOf(record.body))
    const sessions = bodies.filter(({ type }) => type === 'session').map(({ sceneMap }) => sceneMap)
    expect(sessions).toHaveLength(1)
    const clearing = sessions[0] ?? expect.fail('no session')
    const announcement: SessionAnnouncement = {
      id: clearing.get(1) as Uint8Array,
      ephemeralPublicKey: clearing.get(2) as Uint8Array,
      recipientKeyHash: clearing.get(3) as Uint8Array,
    }
    const [ridden] = bodies.filter(({ type }) => type === 'showing')
    const sealed = ridden?.sceneMap?.get(EVIDENCE_KEY) as Uint8Array
    const opened = openSealed(sealed, announcement, clearingSecret)
    expect(opened.ok && opened.value.get(EVIDENCE_FIELDS.code)).toEqual(code)
    expect(openSealed(sealed, announcement, sha256(utf8('county')))).toMatchObject({ ok: false })
    const counters = bodies
      .flatMap(({ sealed: subject, sceneMap }) => [subject, sceneMap?.get(EVIDENCE_KEY)])
      .filter((one): one is Uint8Array => one instanceof Uint8Array && one.length > 40)
      .map(one => Buffer.from(one.subarray(0, 8)).readUInt32BE(4))
    expect(counters).toEqual([0, 1, 2, 3])
  })

  it('stands under the same session as the subject, even when a session’s hour ends in between', async () => {
    class HurriedClock extends TestClock {
      #calls = 0
      override monotonicMs(): number {
        return 3_700_000 * this.#calls++
      }
    }
    const { ride, journal } = await busLine({ clock: new HurriedClock(RIDE_NOW * 1000) })
    await ride()
    const types = journal.records.map(({ body }) => bodyOf(body).type)
    expect(types).toEqual(['session', 'showing'])
  })

  it('is kept of rides alone: what is refused leaves no code behind', async () => {
    const { ride, journal } = await busLine()
    await ride({ singleRideLimitFen: 0 })
    await ride({ certifiedBy: 'stranger' })
    for (const record of journal.records.map(({ body }) => bodyOf(body)).filter(({ type }) => type === 'showing'))
      expect(record.sceneMap).toBeUndefined()
  })

  it('leaves no account readable in the journal’s file, and no mark that could be found by trying accounts', async () => {
    const file = journalFile()
    const clock = new TestClock(RIDE_NOW * 1000)
    const { show, journal } = await busLine({ clock, journal: openJournal(file, clock) })
    const code = codeAt(clock, { account: 5_550_123 })
    await show(code)
    await journal.close()
    const everything = Buffer.concat([file, `${file}-wal`].filter(one => existsSync(one)).map(one => readFileSync(one)))
    const credentialId = code.subarray(136, 146)
    const guessed = showingTag({ family: 'jtt1179', issuer: '02002900', credentialId, shownAt: RIDE_NOW })
    expect(everything.length).toBeGreaterThan(4096)
    for (const secret of [credentialId, code.subarray(120, 136), guessed])
      expect(everything.includes(Buffer.from(secret))).toBe(false)
  })

  it('carries the tag of the day and nothing else to know a passenger by', async () => {
    const { ride, journal } = await busLine()
    await ride()
    const [only] = ridesIn(journal)
    const key = new Uint8Array(32).fill(0x11)
    const presentation = { family: 'jtt1179', issuer: '02002900', credentialId: new Uint8Array(10) }
    presentation.credentialId[9] = 1
    expect(only?.tag).toEqual(rideTag(key, presentation))
    expect(journal.records.map(({ body }) => bodyOf(body).showingTag)).toEqual(journal.records.map(() => undefined))
  })
})
