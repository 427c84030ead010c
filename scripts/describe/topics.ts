import {
  CHANNEL_RULES,
  channelFilter,
  type DeviceChannel,
  deviceReads,
  deviceWrites,
  parseDeviceTopic,
} from '@ankang/protocol'
import { CHANNELS, type ChannelDescription, RESERVED_TOPICS } from './channels.ts'

/** One topic as both descriptions tell of it. */
export interface DescribedTopic {
  readonly name: string
  /** With `{site}`, `{device}`, `{id}` and `{path}` for what varies. */
  readonly address: string
  readonly parameters: readonly string[]
  readonly speaker: 'device' | 'centre'
  readonly retained: boolean
  readonly zh: string
  readonly en: string
  /** Null where nothing is said on it yet. */
  readonly description: ChannelDescription | null
}

const ANY = { site: 'any-site', device: 'any-device' }

function parametersOf(address: string): readonly string[] {
  return [...address.matchAll(/\{(\w+)\}/g)].map(match => match[1] ?? '')
}

/** `ankang/v1/+/+/commands/+` with names in place of the wildcards. */
function addressOf(channel: DeviceChannel): string {
  const names = ['{site}', '{device}', '{id}']
  return channelFilter(channel).replace(/\+/g, () => names.shift() ?? '+')
}

function channelTopic(channel: DeviceChannel): DescribedTopic {
  const address = addressOf(channel)
  const description = CHANNELS[channel]
  const { zh, en } = description
  return { name: channel, address, parameters: parametersOf(address), ...CHANNEL_RULES[channel], zh, en, description }
}

/** What a device is granted beside its own channels, by the rules that grant it. */
function sharedFilters(): readonly string[] {
  const all = new Set([...deviceReads(ANY), ...deviceWrites(ANY).all])
  return [...all].filter(filter => parseDeviceTopic(filter.replace('+', 'x')) === null)
}

function sharedTopic(filter: string): DescribedTopic {
  const address = filter.replace(ANY.site, '{site}').replace('#', '{path}')
  const [, , ...levels] = address.split('/')
  const name = levels.filter(level => !level.startsWith('{')).join('-')
  const words = RESERVED_TOPICS[name]
  if (words === undefined) throw new RangeError(`expected words for ${filter} in RESERVED_TOPICS, under ${name}`)
  const speaker = deviceWrites(ANY).all.includes(filter) ? 'device' : 'centre'
  const retained = speaker === 'centre'
  return { name, address, parameters: parametersOf(address), speaker, retained, ...words, description: null }
}

/** Every topic a device may speak or hear on: made from the rules the broker enforces. */
export function describedTopics(): readonly DescribedTopic[] {
  const channels = Object.keys(CHANNEL_RULES) as DeviceChannel[]
  return [...channels.map(channelTopic), ...sharedFilters().map(sharedTopic)]
}
