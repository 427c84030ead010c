import { UsageError } from '../errors.ts'

/*
 * MQTT topics. Source: formats.md §6.
 *
 *   ankang/v1/{site}/{device}/{channel}      of one device
 *   ankang/v1/{site}/replay                  of one site
 *   ankang/v1/trust/… · ankang/v1/log/…      of everyone
 */
const ROOT = 'ankang/v1'
const RESERVED: readonly string[] = ['trust', 'log', 'replay']
const ID = /^[a-z0-9-]{1,40}$/

/** What a device says, and what is said to it. */
export const DEVICE_CHANNELS = [
  'state',
  'birth',
  'head',
  'health',
  'alarms',
  'records',
  'receipts',
  'desired',
  'reported',
] as const
export type DeviceChannel = (typeof DEVICE_CHANNELS)[number]

export interface DeviceAddress {
  readonly site: string
  readonly device: string
}

/** Whether `text` may name a site or a device. */
export function isTopicId(text: string): boolean {
  return ID.test(text) && !RESERVED.includes(text)
}

/** Throws `topic-id-invalid`. */
export function deviceTopic({ site, device }: DeviceAddress, channel: DeviceChannel): string {
  for (const id of [site, device]) {
    if (!isTopicId(id))
      throw new UsageError(
        'topic-id-invalid',
        `expected an id of a-z, 0-9 and -, not ${RESERVED.join(', ')}; got ${JSON.stringify(id)}`,
      )
  }
  return `${ROOT}/${site}/${device}/${channel}`
}

/** All devices' messages on one channel, as a subscription. */
export function channelFilter(channel: DeviceChannel): string {
  return `${ROOT}/+/+/${channel}`
}

/** Whose topic it is and which channel; null for any other topic. */
export function parseDeviceTopic(topic: string): (DeviceAddress & { readonly channel: DeviceChannel }) | null {
  const [root, version, site, device, channel, ...rest] = topic.split('/')
  if (`${root}/${version}` !== ROOT || site === undefined || device === undefined || rest.length > 0) return null
  const known = DEVICE_CHANNELS.find(name => name === channel)
  return known !== undefined && isTopicId(site) && isTopicId(device) ? { site, device, channel: known } : null
}
