import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..', '..')
const PACKAGES = ['protocol', 'device', 'controller'] as const

/** A bearer code that says `TOY:` and a number, believed for the asking. */
const TOY_FAMILY = `
import { utf8 } from '../codec/bytes.ts'
import type { Family } from '../family.ts'

const PREFIX = utf8('TOY:')

export const toy: Family = {
  name: 'toy',
  claims: bytes => PREFIX.every((byte, at) => bytes[at] === byte),
  decode: bytes => {
    const credentialId = bytes.subarray(PREFIX.length)
    if (credentialId.length === 0) return { ok: false, detail: 'no number' }
    const presentation = {
      family: 'toy', issuer: 'toy-shop', issuerKid: null, kind: 'person', credentialId, carrier: 'paper', shownAt: null,
      expiresAt: 4_102_444_800, site: null, challenge: null, subject: null, maskedName: null, entitlements: [], account: null, health: null,
    } as const
    return { ok: true, value: { family: 'toy', verify: () => ({ ok: true, presentation }) } }
  },
  reasons: [],
}
`

/** A shop that lets every second number in, and counts what it says into its records. */
const TOY_SCENE = `
import * as v from 'valibot'
import type { Scene } from '../scene.ts'

export const toyShop: Scene = {
  name: 'toy-shop',
  policyEntries: { greeting: v.string() },
  reasons: [{
    id: 'odd-number', row: 22, outcome: 'deny', zh: '单号今日不接待', en: 'Odd numbers come tomorrow', hintZh: '请明天再来', hintEn: 'Come tomorrow',
    symbol: 'clock', colour: 'yellow', voice: 'tomorrow',
  }],
  decide: ({ credentialId }, { policy }) => (credentialId.at(-1) ?? 0) % 2 === 1
    ? { reason: 'odd-number', effects: [] }
    : { reason: 'ok', effects: [{ kind: 'release', output: 'door', durationMs: 3000 }], sceneMap: new Map([[1, String(policy.sceneOptions['greeting'])]]) },
}
`

const TOY_DEVICE = `
import type { DeviceScene } from './device-scene.ts'

export const toyShop: DeviceScene = {
  name: 'toy-shop',
  needs: ['relay'],
  perform: (effect, { relay }) => relay.pulse(effect.output, effect.durationMs),
}
`

const TOY_CONTROLLER = `
import type { ControllerScene } from './controller-scene.ts'

export const toyShop: ControllerScene = {
  name: 'toy-shop',
  describe: sceneMap => ({ zh: '玩具店 ' + String(sceneMap.get(1)), en: 'toy shop ' + String(sceneMap.get(1)) }),
}
`

/** Carries two codes along the line of a box that serves the toy scene, and says what became of them. */
const SHOW = `
import { catalogue, compileTrust, parsePolicy, parseTrustFile, utf8, decodeBody } from '@ankang/protocol'
import { Line, Recorder, scenes } from '@ankang/device/parts'
import { MemoryDisplay, MemoryJournal, MemoryRelay, MemoryVoice, TestClock } from '@ankang/device/testing'
import { scenes as centre } from './controller/src/index.ts'

const find = list => list.find(({ name }) => name === 'toy-shop')
const clock = new TestClock(1_780_000_000_000)
const trust = compileTrust(parseTrustFile({ version: 1, issuers: [] }))
const journal = new MemoryJournal({ device: 'shop-1', publicKey: new Uint8Array(32), epoch: new Uint8Array(8), clock })
const relay = new MemoryRelay()
const policy = parsePolicy({
  scene: 'toy-shop', families: ['toy'], kinds: ['person'], colours: [], paper: true, proofWindowSeconds: 60, futureSkewSeconds: 20,
  replaySeconds: 300, greeting: 'hello',
}, catalogue)
const rules = find(catalogue.scenes)
const line = new Line({
  catalogue, trust, policy, scene: { rules, device: find(scenes) }, site: 'shop', clock, journal,
  recorder: new Recorder({ journal, clock, trust, scene: rules, random: length => new Uint8Array(length) }),
  outputs: { relay, vehicle: null, display: new MemoryDisplay(), voice: new MemoryVoice() },
  events: { onShowing() {}, onJournalFault() {}, onActionFailed() {}, onOverrun() {}, onSignalFailed() {} },
})
const reasons = []
for (const text of ['TOY:2', 'TOY:3', 'TOY:'])
  reasons.push((await line.present({ bytes: utf8(text), reader: 'toy', startedAtMs: 0, readMs: 0 })).reason)
const [first] = journal.records.map(({ body }) => decodeBody(body))
process.stdout.write(JSON.stringify({
  reasons, openings: relay.movements.length, said: catalogue.reasons.get('odd-number').zh,
  words: find(centre).describe(first.value.sceneMap).en,
}))
`

const ADDED: Readonly<Record<string, string>> = {
  'protocol/src/families/toy.ts': TOY_FAMILY,
  'protocol/src/scenes/toy-shop.ts': TOY_SCENE,
  'device/src/scenes/toy-shop.ts': TOY_DEVICE,
  'controller/src/scenes/toy-shop.ts': TOY_CONTROLLER,
}
const INDEX_LINES: Readonly<Record<string, string>> = {
  'protocol/src/families/index.ts': "export { toy } from './toy.ts'\n",
  'protocol/src/scenes/index.ts': "export { toyShop } from './toy-shop.ts'\n",
  'device/src/scenes/index.ts': "export { toyShop } from './toy-shop.ts'\n",
  'controller/src/scenes/index.ts': "export { toyShop } from './toy-shop.ts'\n",
}

/** The house without its tests, its packages found where the copy has them. */
function copyHouse(folder: string): void {
  for (const name of PACKAGES) {
    cpSync(join(ROOT, name, 'src'), join(folder, name, 'src'), { recursive: true })
    cpSync(join(ROOT, name, 'package.json'), join(folder, name, 'package.json'))
  }
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@ankang'), { recursive: true })
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter(
    name => !name.startsWith('.') && name !== '@ankang',
  ))
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  for (const name of PACKAGES) symlinkSync(join(folder, name), join(modules, '@ankang', name))
}

describe('adding a toy family and a toy scene', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ankang-toy-'))
    copyHouse(folder)
    for (const [path, text] of Object.entries(ADDED)) writeFileSync(join(folder, path), text)
    for (const [path, line] of Object.entries(INDEX_LINES)) appendFileSync(join(folder, path), line)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('takes one file a side and one line in each list, to read, decide, record, open and tell the centre', () => {
    writeFileSync(join(folder, 'show.mjs'), SHOW)
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['-C', 'source', '--import', join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs'), 'show.mjs'],
      { cwd: folder, encoding: 'utf8', timeout: 30_000 },
    )
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      reasons: ['ok', 'odd-number', 'malformed'],
      openings: 1,
      said: '单号今日不接待',
      words: 'toy shop hello',
    })
  })
})
