import {
  alarmPayload,
  birthPayload,
  type DeviceChannel,
  healthPayload,
  MAX_BATCH_MESSAGE_BYTES,
  MAX_RESULT_BYTES,
  MAX_SIGNED_BYTES,
  reportedPayload,
  statePayload,
} from '@ankang/protocol'
import type * as v from 'valibot'

/** JSON that a person may look at. */
export interface JsonForm {
  readonly kind: 'json'
  readonly schema: v.GenericSchema
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}

/** CBOR, signed. Its layout is the comment at the head of `source`. */
export interface SignedForm {
  readonly kind: 'signed'
  /** From the root of the repository. */
  readonly source: string
  readonly contentType: 'application/cose; cose-type="cose-sign1"' | 'application/cbor'
  /** What the signature is bound to. */
  readonly aad: string
  readonly maxBytes: number
}

export interface ChannelDescription {
  readonly zh: string
  readonly en: string
  readonly qos: 0 | 1
  readonly form: JsonForm | SignedForm
}

const SIGN1 = 'application/cose; cose-type="cose-sign1"'
const TIME_MS = 1_772_323_200_000
const EPOCH = '0102030405060708'

function json(schema: v.GenericSchema, ...examples: readonly Readonly<Record<string, unknown>>[]): JsonForm {
  return { kind: 'json', schema, examples }
}

function signed(source: string, aad: string, maxBytes = MAX_SIGNED_BYTES): SignedForm {
  return { kind: 'signed', source, contentType: SIGN1, aad, maxBytes }
}

/** What every channel of a device carries. A channel that is missing here does not compile. */
export const CHANNELS: Readonly<Record<DeviceChannel, ChannelDescription>> = {
  state: {
    zh: '设备状态；离线时由遗嘱留下 lost',
    en: 'How a device is; its will leaves `lost` here when its line breaks',
    qos: 1,
    form: json(statePayload, { state: 'ready', timeMs: TIME_MS, scene: 'hall-door' }, { state: 'lost' }),
  },
  birth: {
    zh: '每次连上时说自己是谁：启动随机数、固件、链头、信任版本',
    en: 'On every connection: boot nonce, firmware, head of the chain, versions of what it trusts',
    qos: 1,
    form: json(birthPayload, {
      bootNonce: 'ab'.repeat(16),
      firmware: '0.1.0',
      hardware: 'x64',
      scene: 'hall-door',
      head: { epoch: EPOCH, seq: 12, link: '02'.repeat(32) },
      bundleVersions: { trust: 1 },
    }),
  },
  head: {
    zh: '签名的链头：到此为止的缺口都看得见',
    en: 'A signed head of the chain: every gap up to it is visible',
    qos: 1,
    form: signed('protocol/src/record/head.ts', 'ak1/head'),
  },
  health: {
    zh: '每三十秒：积压、时钟、计数、是否封闭',
    en: 'Every thirty seconds: backlog, clock, counters, lockdown',
    qos: 0,
    form: json(healthPayload, {
      timeMs: TIME_MS,
      backlog: 0,
      oldestUnsentMs: null,
      clock: 'synced',
      bundleAgeSeconds: null,
      lockdown: false,
      counters: { admitted: 31, denied: 2, referred: 0, readerFaults: 0, actionsFailed: 0, ordersRefused: 0 },
      residentBytes: 98_000_000,
    }),
  },
  alarms: {
    zh: '报警：门、防拆、存储、时钟、信任、消防、读头、账本、命令、身份',
    en: 'Alarms: door, tamper, storage, clock, trust, fire, reader, ledger, order, identity',
    qos: 1,
    form: json(alarmPayload, { timeMs: TIME_MS, kind: 'door', detail: 'held open for 31 s' }),
  },
  records: {
    zh: '一批记录，附设备签名；确认只由回执给出，MQTT 的应答不算',
    en: 'A batch of records under the device’s signature; only a receipt confirms it, no acknowledgement of MQTT does',
    qos: 1,
    form: {
      kind: 'signed',
      source: 'protocol/src/record/batch.ts',
      contentType: 'application/cbor',
      aad: 'ak1/batch',
      maxBytes: MAX_BATCH_MESSAGE_BYTES,
    },
  },
  receipts: {
    zh: '回执：中心已存到哪里，可清到哪里',
    en: 'A receipt: how far the centre holds the chain, how far it may be pruned',
    qos: 1,
    form: signed('protocol/src/record/receipt.ts', 'ak1/receipt'),
  },
  desired: {
    zh: '期望配置；每次设备连上都再说一遍',
    en: 'What the device is to be like; said again at every birth',
    qos: 1,
    form: signed('protocol/src/orders/desired.ts', 'ak1/desired'),
  },
  reported: {
    zh: '已生效的配置版本，或未生效的原因',
    en: 'The version of it that is in force, or why a newer one is not',
    qos: 1,
    form: json(
      reportedPayload,
      { version: 2, appliedMs: TIME_MS, config: { logLevel: 'info', healthSeconds: 30 } },
      { version: 2, appliedMs: TIME_MS, config: {}, error: { version: 3, detail: 'config-invalid' } },
    ),
  },
  commands: {
    zh: '一条命令：只给这台设备、这次启动、限时、只做一次',
    en: 'An order: for this device, this run, a bounded time, and once',
    qos: 1,
    form: signed('protocol/src/orders/command.ts', 'ak1/command'),
  },
  results: {
    zh: '命令的结果，附设备签名',
    en: 'What came of an order, under the device’s signature',
    qos: 1,
    form: signed('protocol/src/orders/result.ts', 'ak1/result', MAX_RESULT_BYTES),
  },
}

/** Topics that are granted and not yet spoken on. */
export const RESERVED_TOPICS: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  replay: {
    zh: '同一地点的设备互告已放行者（尚未使用）',
    en: 'Devices of one site tell each other whom they let in (not used yet)',
  },
  'trust-common': { zh: '对所有设备的信任资料（尚未使用）', en: 'What every device is to trust (not used yet)' },
  'trust-site': { zh: '某一地点的信任资料（尚未使用）', en: 'What the devices of a site are to trust (not used yet)' },
  log: { zh: '账本的检查点（尚未使用）', en: 'Checkpoints of the log (not used yet)' },
}
