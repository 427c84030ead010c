import { BugError, UsageError } from '../errors.ts'

/*
 * MQTT topics. Source: formats.md §6.
 *
 *   ankang/v1/{site}/{device}/{channel}      of one device
 *   ankang/v1/{site}/{device}/{channel}/{id} of one order: commands and their results
 *   ankang/v1/{site}/replay                  of one site
 *   ankang/v1/trust/… · ankang/v1/log/…      of everyone
 */
export const TOPIC_ROOT = 'ankang/v1'
const ROOT = TOPIC_ROOT
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
/** Where each message has a topic of its own, by the order's id. */
export const ORDER_CHANNELS = ['commands', 'results'] as const
export type OrderChannel = (typeof ORDER_CHANNELS)[number]
export type DeviceChannel = (typeof DEVICE_CHANNELS)[number] | OrderChannel

function isOrderChannel(channel: DeviceChannel): channel is OrderChannel {
  return ORDER_CHANNELS.some(name => name === channel)
}

export interface DeviceAddress {
  readonly site: string
  readonly device: string
}

/** Whether `text` may name a site or a device. */
export function isTopicId(text: string): boolean {
  return ID.test(text) && !RESERVED.includes(text)
}

function insistOnId(id: string): void {
  if (!isTopicId(id))
    throw new UsageError(
      'topic-id-invalid',
      `expected an id of a-z, 0-9 and -, not ${RESERVED.join(', ')}; got ${JSON.stringify(id)}`,
    )
}

/** `orderId` belongs to the order channels, and to them alone. Throws `topic-id-invalid`, `order-id-misplaced`. */
export function deviceTopic({ site, device }: DeviceAddress, channel: DeviceChannel, orderId?: string): string {
  for (const id of [site, device, ...(orderId === undefined ? [] : [orderId])]) insistOnId(id)
  if (isOrderChannel(channel) !== (orderId !== undefined))
    throw new BugError(
      'order-id-misplaced',
      `expected an order's id with ${ORDER_CHANNELS.join(', ')} and with no other`,
    )
  return `${ROOT}/${site}/${device}/${channel}${orderId === undefined ? '' : `/${orderId}`}`
}

/** Where the devices of a site tell each other whom they have let in. Throws `topic-id-invalid`. */
export function replayTopic(site: string): string {
  insistOnId(site)
  return `${ROOT}/${site}/replay`
}

/** One device's messages on a channel, as a subscription. */
export function deviceFilter(address: DeviceAddress, channel: DeviceChannel): string {
  return isOrderChannel(channel)
    ? `${deviceTopic(address, 'state').slice(0, -'state'.length)}${channel}/+`
    : deviceTopic(address, channel)
}

/** All devices' messages on one channel, as a subscription. */
export function channelFilter(channel: DeviceChannel): string {
  return `${ROOT}/+/+/${channel}${isOrderChannel(channel) ? '/+' : ''}`
}

/** Whose topic it is, which channel, and which order's; null for any other topic. */
export function parseDeviceTopic(
  topic: string,
): (DeviceAddress & { readonly channel: DeviceChannel; readonly orderId?: string }) | null {
  const [root, version, site, device, channel, orderId, ...rest] = topic.split('/')
  if (`${root}/${version}` !== ROOT || site === undefined || device === undefined || rest.length > 0) return null
  const known = [...DEVICE_CHANNELS, ...ORDER_CHANNELS].find(name => name === channel)
  if (known === undefined || !isTopicId(site) || !isTopicId(device)) return null
  if (isOrderChannel(known) !== (orderId !== undefined) || (orderId !== undefined && !isTopicId(orderId))) return null
  return { site, device, channel: known, ...(orderId === undefined ? {} : { orderId }) }
}
