import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { exportEd25519, privateKeyFromSeed, toHex } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LineVerdict } from '../../src/identity/registry.ts'
import { SqliteLedger } from '../../src/store/sqlite-ledger.ts'
import { SqliteRegistry } from '../../src/store/sqlite-registry.ts'
import { openStore } from '../../src/store/store.ts'
import { enrolledDevices, paperCertificate } from '../fixtures/enrolled-devices.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

const EPOCH = new Uint8Array(8)
/** Keys that devices may come with; made once, since a key costs more than a turn. */
const KEYS = Array.from({ length: 6 }, (_, n) => exportEd25519(privateKeyFromSeed(Buffer.alloc(32, n + 1))))
const DEVICES = ['door-a', 'door-b', 'door-c']

function openedStore(file = join(tempFolder(), 'store.sqlite')) {
  const store = openStore(file, { random: randomBytes })
  onTestFinished(() => store.close())
  return { file, store }
}

function enrolmentOf({ site, device, publicKey }: SigningDevice = new SigningDevice()) {
  return { site, device, publicKey }
}

const verdictOf = (verdict: LineVerdict): string => (verdict.ok ? verdict.device.device : verdict.reason)

describe('the registry', () => {
  it('admits a certificate as long as it is good, and says why not afterwards', () => {
    const clock = { nowMs: START_MS }
    const { store } = openedStore()
    const registry = new SqliteRegistry(store, () => clock.nowMs)
    const [key = new Uint8Array(32)] = KEYS
    const certificate = paperCertificate(START_MS + 1000)
    expect(verdictOf(registry.admit(certificate.fingerprint))).toBe('certificate-unknown')
    registry.commit(() => registry.enrol({ site: 'hall', device: 'door-a', publicKey: key, certificate }))
    expect(verdictOf(registry.admit(certificate.fingerprint))).toBe('door-a')
    clock.nowMs = START_MS + 1000
    expect(verdictOf(registry.admit(certificate.fingerprint))).toBe('certificate-expired')
    const next = paperCertificate(START_MS + 9000)
    registry.commit(() => registry.certify('door-a', next))
    expect(verdictOf(registry.admit(next.fingerprint))).toBe('door-a')
    registry.commit(() => registry.revoke('door-a', 'stolen'))
    for (const { fingerprint } of [certificate, next])
      expect(verdictOf(registry.admit(fingerprint))).toBe('device-revoked')
  })

  it('is changed inside a commit only, and not at all by one that fails', () => {
    const { store } = openedStore()
    const registry = enrolledDevices(store, [new SigningDevice({ device: 'door-a' })])
    expect(() => registry.revoke('door-a', 'stolen')).toThrow(/inside its commit/)
    const cut: string[] = []
    registry.onCut(device => cut.push(device))
    expect(() =>
      registry.commit(() => {
        registry.revoke('door-a', 'stolen')
        throw new RangeError('the disk is full')
      }),
    ).toThrow(/disk is full/)
    expect(registry.find('door-a')?.revoked).toBeNull()
    registry.pollOutside()
    expect(cut).toEqual([])
    registry.commit(() => registry.revoke('door-a', 'stolen'))
    expect(cut).toEqual(['door-a'])
  })

  it('notices what another process does, cuts those lines once, and no others', () => {
    const { file, store } = openedStore()
    const doors = ['door-a', 'door-b', 'door-c'].map(device => new SigningDevice({ device }))
    const registry = enrolledDevices(store, doors)
    const other = new SqliteRegistry(openedStore(file).store, () => START_MS)
    const cut: string[] = []
    const stop = registry.onCut(device => cut.push(device))
    registry.pollOutside()
    other.commit(() => {
      other.revoke('door-b', 'stolen')
      other.enrol({
        site: 'hall',
        device: 'door-d',
        publicKey: KEYS[0] ?? new Uint8Array(32),
        certificate: paperCertificate(),
      })
      other.certify('door-c', paperCertificate())
    })
    expect(registry.find('door-b')?.revoked).toBeNull()
    registry.pollOutside()
    registry.pollOutside()
    expect(cut).toEqual(['door-b'])
    expect(registry.all().map(({ device }) => device)).toEqual(['door-a', 'door-b', 'door-c', 'door-d'])
    expect(registry.find('door-b')?.revoked).toMatchObject({ reason: 'stolen', timeMs: START_MS })
    stop()
    other.commit(() => other.revoke('door-a', 'stolen'))
    registry.pollOutside()
    expect(cut).toEqual(['door-b'])
  })

  it('admits on what stands in the store, also before it has looked round, and cuts the line then', () => {
    const { file, store } = openedStore()
    const registry = new SqliteRegistry(store, () => START_MS)
    const other = new SqliteRegistry(openedStore(file).store, () => START_MS)
    const certificate = paperCertificate()
    const publicKey = KEYS[0] ?? new Uint8Array(32)
    other.commit(() => other.enrol({ site: 'hall', device: 'door-a', publicKey, certificate }))
    expect(verdictOf(registry.admit(certificate.fingerprint))).toBe('door-a')
    const cut: string[] = []
    registry.onCut(device => cut.push(device))
    other.commit(() => other.revoke('door-a', 'stolen'))
    expect(verdictOf(registry.admit(certificate.fingerprint))).toBe('device-revoked')
    expect(cut).toEqual(['door-a'])
  })

  it('tells who was enrolled or revoked, here or elsewhere, and of nothing else', () => {
    const { file, store } = openedStore()
    const doors = DEVICES.slice(0, 2).map(device => new SigningDevice({ device }))
    const here = enrolledDevices(store, doors.slice(0, 1))
    const there = new SqliteRegistry(openedStore(file).store, () => START_MS + 1)
    const heard: string[] = []
    const stop = here.onChange(({ device, revoked }) => heard.push(`${device} ${revoked?.reason ?? 'ours'}`))
    const since = () => heard.splice(0)
    there.commit(() => there.enrol({ ...enrolmentOf(doors[1]), certificate: paperCertificate() }))
    here.pollOutside()
    expect(since()).toEqual(['door-b ours'])
    here.commit(() => here.revoke('door-a', 'stolen'))
    expect(since()).toEqual(['door-a stolen'])
    there.commit(() => there.revoke('door-b', 'lost'))
    here.pollOutside()
    expect(since()).toEqual(['door-b lost'])
    const fresh = { ...enrolmentOf(new SigningDevice({ device: 'door-a' })), certificate: paperCertificate() }
    here.commit(() => here.enrol(fresh))
    expect(since()).toEqual(['door-a ours'])
    there.commit(() => there.certify('door-a', paperCertificate()))
    here.pollOutside()
    here.admit(fresh.certificate.fingerprint)
    expect(() =>
      here.commit(() => {
        here.revoke('door-a', 'stolen')
        throw new RangeError('the disk is full')
      }),
    ).toThrow(/disk is full/)
    expect(since()).toEqual([])
    stop()
    here.commit(() => here.revoke('door-a', 'stolen'))
    expect(since()).toEqual([])
  })

  it('ends a device at its newest head, whatever order heads came in', () => {
    const { store } = openedStore()
    const registry = enrolledDevices(store, [new SigningDevice({ device: 'door-a' })])
    const ledger = new SqliteLedger(store)
    const [old, recent] = [Buffer.alloc(8, 1), Buffer.alloc(8, 2)]
    const keep = (epoch: Uint8Array, seq: number) =>
      ledger.commit(() =>
        ledger.keepHead({
          device: 'door-a',
          epoch,
          seq,
          link: new Uint8Array(32),
          deviceTimeMs: 0,
          cose: new Uint8Array(1),
          receivedMs: 0,
        }),
      )
    keep(old, 900)
    keep(recent, 50)
    keep(recent, 40)
    registry.commit(() => registry.revoke('door-a', 'stolen'))
    const trusted = registry.find('door-a')?.revoked?.trusted
    expect([toHex(trusted?.epoch ?? EPOCH), trusted?.seq]).toEqual([toHex(recent), 50])
  })
})

/** What the registry must say, kept as simply as can be. */
interface Model {
  readonly device: string
  key: number | null
  revoked: boolean
  /** Keys it has given up, and those that were revoked. */
  readonly gone: Map<number, 'replaced' | 'revoked'>
  readonly good: Set<string>
}

type Turn =
  | { readonly kind: 'enrol'; readonly device: number; readonly key: number }
  | { readonly kind: 'certify' | 'revoke'; readonly device: number }
  | { readonly kind: 'poll' }

const device = fc.nat({ max: DEVICES.length - 1 })
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('enrol' as const), device, key: fc.nat({ max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('certify' as const, 'revoke' as const), device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('poll' as const) }) },
)

function objectionOf(models: readonly Model[], own: Model, key: number): string | null {
  if (own.gone.get(key) === 'revoked') return 'device-revoked'
  if (own.gone.has(key)) return 'wrong-key'
  if (models.some(other => other !== own && (other.key === key || other.gone.has(key)))) return 'wrong-key'
  return null
}

describe('the registry, through any history in two processes', () => {
  it('agrees with a model on keys, certificates, lines and words', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), turn), { maxLength: 40 }), turns => {
        const folder = tempFolder()
        const file = join(folder, 'store.sqlite')
        const stores = [openStore(file, { random: randomBytes }), openStore(file, { random: randomBytes })]
        try {
          const [here, there] = stores.map(store => new SqliteRegistry(store, () => START_MS))
          if (here === undefined || there === undefined) throw new RangeError('expected two')
          const models: Model[] = DEVICES.map(name => ({
            device: name,
            key: null,
            revoked: false,
            gone: new Map(),
            good: new Set(),
          }))
          const issued = new Map<string, string>()
          const [cut, expectedCut] = [new Set<string>(), new Set<string>()]
          here.onCut(name => cut.add(name))
          const newCertificate = (model: Model) => {
            const certificate = paperCertificate()
            issued.set(toHex(certificate.fingerprint), model.device)
            model.good.add(toHex(certificate.fingerprint))
            return certificate
          }
          for (const [isHere, step] of turns) {
            const registry = isHere ? here : there
            if (step.kind === 'poll') {
              here.pollOutside()
              continue
            }
            const model = models[step.device]
            if (model === undefined) throw new RangeError('expected a model')
            if (step.kind === 'enrol') {
              const publicKey = KEYS[step.key] ?? new Uint8Array(32)
              const objection = objectionOf(models, model, step.key)
              expect(registry.objectionTo(model.device, publicKey)).toBe(objection)
              if (objection !== null) continue
              if (model.good.size > 0) expectedCut.add(model.device)
              model.good.clear()
              const certificate = newCertificate(model)
              registry.commit(() => registry.enrol({ site: 'hall', device: model.device, publicKey, certificate }))
              if (model.key !== null && model.key !== step.key) model.gone.set(model.key, 'replaced')
              Object.assign(model, { key: step.key, revoked: false })
            } else if (step.kind === 'certify') {
              if (model.key === null || model.revoked) continue
              const certificate = newCertificate(model)
              registry.commit(() => registry.certify(model.device, certificate))
            } else {
              const isNew = model.key !== null && !model.revoked
              expect(registry.commit(() => registry.revoke(model.device, 'stolen'))).toBe(isNew)
              if (!isNew) continue
              if (model.key !== null) model.gone.set(model.key, 'revoked')
              for (const key of model.gone.keys()) model.gone.set(key, 'revoked')
              expectedCut.add(model.device)
              model.good.clear()
              Object.assign(model, { key: null, revoked: true })
            }
          }
          here.pollOutside()
          there.pollOutside()
          const known = models.filter(({ key, revoked }) => key !== null || revoked)
          // a line first seen after its certificate was withdrawn was never there to be cut
          for (const name of cut) expect(expectedCut).toContain(name)
          for (const registry of [here, there]) {
            expect(registry.all().map(one => one.device)).toEqual(known.map(one => one.device))
            for (const model of known) {
              expect(registry.find(model.device)?.revoked === null).toBe(!model.revoked)
              const words = [...model.gone].map(
                ([key, end]) => [key, end === 'revoked' ? 'bounded' : 'replaced'] as const,
              )
              if (model.key !== null) words.push([model.key, 'current'] as never)
              for (const [key, word] of words)
                expect(registry.wordOf(model.device, KEYS[key] ?? EPOCH, EPOCH).kind).toBe(word)
            }
            for (const [fingerprint, owner] of issued) {
              const model = models.find(one => one.device === owner)
              const verdict = verdictOf(registry.admit(Buffer.from(fingerprint, 'hex')))
              const expected = model?.revoked === true ? 'device-revoked' : 'certificate-revoked'
              expect(verdict).toBe(model?.good.has(fingerprint) === true ? owner : expected)
            }
          }
        } finally {
          for (const store of stores) store.close()
        }
      }),
      { numRuns: 40 },
    )
  })
})
