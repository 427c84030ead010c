import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  birthPayload,
  commandFormat,
  type DeviceCommand,
  decodePayload,
  desiredFormat,
  deviceTopic,
  exportEd25519,
  fromHex,
  keyId,
  type OrderResult,
  type PrivateKey,
  privateKeyFromSeed,
  resultFormat,
} from '@ankang/protocol'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { writeDeviceConfig } from '../../src/home/device-config.ts'
import { homePaths } from '../../src/home/home-paths.ts'
import { keepSigningKey } from '../../src/home/key-file.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { HALL_DOORS } from '../../src/home/virtual-posts.ts'
import { settlePost } from '../../src/virtual/enrol-post.ts'
import { DEVICE_PROGRAM } from '../../src/virtual/programs.ts'
import { PtyPair } from '../../src/virtual/pty-pair.ts'
import { startController } from '../../src/virtual/virtual-controller.ts'
import { HijackedBroker } from '../fixtures/hijacked-broker.ts'
import { relayOpenings } from '../fixtures/ledger.ts'
import { RunningProgram } from '../fixtures/running-program.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const mosquitto = requirement('mosquitto')
const TIMEOUT_MS = 90_000
const [DOOR] = HALL_DOORS

const nowSeconds = () => Math.floor(Date.now() / 1000)
const newId = () => randomBytes(8).toString('hex')

function signed(command: DeviceCommand, key: PrivateKey): Uint8Array {
  return commandFormat.encode(command, key, keyId(exportEd25519(key)))
}

/** An enrolled door of the hall whose line leads to an attacker with everything the broker has. */
async function hijackedDoor() {
  const directory = temporaryFolder()
  prepareHome({ directory, now: nowSeconds(), httpPort: 0, mqttPort: 0 })
  const paths = homePaths(directory)
  const { process: controller, address } = await startController(paths.controllerConfig)
  onTestFinished(() => controller.stop())
  await settlePost(paths, DOOR, { mqttUrl: address.mqttUrl, enrolUrl: new URL(address.httpUrl).origin })
  await controller.stop()
  const broker = await HijackedBroker.start({
    ca: paths.caCertificate,
    certificate: join(paths.controller, 'server.crt'),
    key: join(paths.controller, 'server.key'),
  })
  const config = writeDeviceConfig(paths, DOOR, { mqttUrl: broker.url })
  const line = await PtyPair.open(paths.device(DOOR.device).scannerLine)
  onTestFinished(() => line.close())
  const device = new RunningProgram(DEVICE_PROGRAM, ['--config', config])
  await device.until(() => device.all('ready').length > 0)
  const births = deviceTopic(DOOR, 'birth')
  const bootNonce = await broker.until(({ topic, payload }) =>
    topic === births ? fromHex(decodePayload(birthPayload, payload, topic).bootNonce) : null,
  )
  return { paths, broker, device, bootNonce }
}

function resultOf(broker: HijackedBroker, id: string): Promise<OrderResult> {
  const wanted = deviceTopic(DOOR, 'results', id)
  return broker.until(({ topic, payload }) => {
    const result = topic === wanted ? resultFormat.decode(payload) : null
    return result?.ok === true ? result.value.content : null
  })
}

/** Results the box has given for this order. */
function resultsOf(broker: HijackedBroker, id: string): number {
  return broker.heard.filter(({ topic }) => topic === deviceTopic(DOOR, 'results', id)).length
}

describe('a broker in an attacker’s hands', () => {
  mosquitto.it(
    'opens no door and changes nothing: only orders signed for this box, this run and this moment are carried out, and each once',
    async () => {
      const { paths, broker, device, bootNonce } = await hijackedDoor()
      const centre = keepSigningKey(paths.commandKey)
      const order = (change: Partial<DeviceCommand> = {}): DeviceCommand => ({
        device: DOOR.device,
        id: newId(),
        issuedAt: nowSeconds(),
        expiresAt: nowSeconds() + 60,
        name: 'lockdown',
        args: {},
        bootNonce,
        ...change,
      })
      const say = (command: DeviceCommand, bytes: Uint8Array) =>
        broker.say(deviceTopic(DOOR, 'commands', command.id), bytes)

      // what no key of the centre's has signed for this box is answered by nothing
      const stranger = privateKeyFromSeed(randomBytes(32))
      const unheeded: readonly (readonly [string, DeviceCommand, (command: DeviceCommand) => Uint8Array])[] = [
        ['by an unknown key', order(), command => signed(command, stranger)],
        ['by a key for receipts', order(), command => signed(command, keepSigningKey(paths.receiptKey))],
        ['by a key for settings', order(), command => signed(command, keepSigningKey(paths.desiredKey))],
        ['for another device', order({ device: 'hall-door-2' }), command => signed(command, centre)],
        [
          'altered on the way',
          order(),
          command => signed(command, centre).map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
        ],
        ['cut off', order(), command => signed(command, centre).subarray(0, 60)],
      ]
      for (const [, command, make] of unheeded) await say(command, make(command))

      // the centre's own word, but not for now
      const refused: readonly (readonly [string, DeviceCommand])[] = [
        ['expired', order({ issuedAt: nowSeconds() - 120, expiresAt: nowSeconds() - 60 })],
        ['wrong-boot', order({ bootNonce: randomBytes(16) })],
        ['clock-untrusted', order({ name: 'open-once', args: { seconds: 3 } })],
        ['unknown-order', order({ name: 'open-for-ever' })],
      ]
      for (const [detail, command] of refused) {
        await say(command, signed(command, centre))
        expect(await resultOf(broker, command.id)).toMatchObject({ ok: false, detail, id: command.id })
      }

      // one good order, said three times
      const good = order()
      for (let time = 0; time < 3; time++) await say(good, signed(good, centre))
      expect(await resultOf(broker, good.id)).toMatchObject({ ok: true, detail: 'done' })
      const end = order({ name: 'release' })
      await say(end, signed(end, centre))
      expect(await resultOf(broker, end.id)).toMatchObject({ ok: true, detail: 'done' })
      await say(good, signed(good, centre))
      const again = order({ name: 'release' })
      await say(again, signed(again, centre))
      // had the replayed lockdown been carried out, there would be something to release
      expect(await resultOf(broker, again.id)).toMatchObject({ ok: true, detail: 'unchanged' })

      for (const [what, { id }] of unheeded) expect(resultsOf(broker, id), what).toBe(0)
      expect(device.all('ready')).toHaveLength(1)
      const { relay } = paths.device(DOOR.device)
      expect(existsSync(relay) ? relayOpenings(relay) : 0).toBe(0)
    },
    TIMEOUT_MS,
  )

  mosquitto.it(
    'cannot set a box back to older settings, nor to its own',
    async () => {
      const { paths, broker } = await hijackedDoor()
      const centre = keepSigningKey(paths.desiredKey)
      const want = (version: number, healthSeconds: number, key: PrivateKey) =>
        desiredFormat.encode(
          { device: DOOR.device, version, issuedAt: nowSeconds(), config: { healthSeconds } },
          key,
          keyId(exportEd25519(key)),
        )
      const topic = deviceTopic(DOOR, 'desired')
      const reported = () =>
        broker.heard
          .filter(message => message.topic === deviceTopic(DOOR, 'reported') && message.payload.length > 0)
          .map(({ payload }) => JSON.parse(payload.toString('utf8')))
      const applied = (version: number) =>
        broker.until(message =>
          message.topic === deviceTopic(DOOR, 'reported') &&
          JSON.parse(message.payload.toString('utf8')).version === version
            ? true
            : null,
        )
      await broker.say(topic, want(2, 20, centre), true)
      await applied(2)
      await broker.say(topic, want(1, 10, centre), true)
      await broker.say(topic, want(9, 5, privateKeyFromSeed(randomBytes(32))), true)
      await broker.say(topic, want(3, 30, centre), true)
      await applied(3)
      expect(new Set(reported().map(({ version }) => version)).has(1)).toBe(false)
      expect(new Set(reported().map(({ version }) => version)).has(9)).toBe(false)
      expect(reported().at(-1)).toMatchObject({ version: 3, config: { healthSeconds: 30 } })
    },
    TIMEOUT_MS,
  )
})
