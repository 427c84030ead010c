import { type DeviceAddress, type DeviceChannel, deviceFilter, deviceTopic, replayTopic, TOPIC_ROOT } from './topics.ts'

/*
 * Who may say and hear what. Source: formats.md §6: a device is confined to its own {site}/{device}, its site's replay topic,
 * and reading trust and log. Least privilege goes further: on its own topics it says only what is a device's to say, so
 * that nobody with its key can leave orders or receipts lying there in the centre's name.
 */

interface ChannelRule {
  readonly speaker: 'device' | 'centre'
  /** Whether the last message stays for those who come later. */
  readonly retained: boolean
}

export const CHANNEL_RULES: Readonly<Record<DeviceChannel, ChannelRule>> = {
  state: { speaker: 'device', retained: true },
  birth: { speaker: 'device', retained: false },
  head: { speaker: 'device', retained: false },
  health: { speaker: 'device', retained: false },
  alarms: { speaker: 'device', retained: false },
  records: { speaker: 'device', retained: false },
  receipts: { speaker: 'centre', retained: false },
  desired: { speaker: 'centre', retained: true },
  reported: { speaker: 'device', retained: true },
  commands: { speaker: 'centre', retained: false },
  results: { speaker: 'device', retained: false },
}

function channelsOf(speaker: ChannelRule['speaker']): DeviceChannel[] {
  return (Object.keys(CHANNEL_RULES) as DeviceChannel[]).filter(channel => CHANNEL_RULES[channel].speaker === speaker)
}
const SPOKEN = channelsOf('device')
const HEARD = channelsOf('centre')

/**
 * Whether every topic that `filter` can match is matched by `allowed` too; a topic is a filter that matches itself.
 * `$`-topics are covered by nothing that does not begin with them. Source: MQTT 3.1.1 §4.7.
 */
export function isCovered(filter: string, allowed: string): boolean {
  if (filter.startsWith('$') && !allowed.startsWith('$')) return false
  const asked = filter.split('/')
  const given = allowed.split('/')
  for (const [place, level] of given.entries()) {
    if (level === '#') return true
    const wanted = asked[place]
    if (wanted === undefined || wanted === '#') return false
    if (level !== '+' && level !== wanted) return false
  }
  return asked.length === given.length
}

/** What a device may subscribe to, and so what may be handed to it. */
export function deviceReads(address: DeviceAddress): readonly string[] {
  return [
    ...HEARD.map(channel => deviceFilter(address, channel)),
    replayTopic(address.site),
    `${TOPIC_ROOT}/trust/common/#`,
    `${TOPIC_ROOT}/trust/site/${address.site}/#`,
    `${TOPIC_ROOT}/log/#`,
  ]
}

/** What a device may publish on, as filters; `retained` those where it may leave a message for later. */
export function deviceWrites(address: DeviceAddress): {
  readonly all: readonly string[]
  readonly retained: readonly string[]
} {
  const filters = (channels: readonly DeviceChannel[]) => channels.map(channel => deviceFilter(address, channel))
  return {
    all: [...filters(SPOKEN), replayTopic(address.site)],
    retained: filters(SPOKEN.filter(channel => CHANNEL_RULES[channel].retained)),
  }
}

/** Where a device's last will goes: its own state, and nowhere else. */
export function willTopic(address: DeviceAddress): string {
  return deviceTopic(address, 'state')
}

/** What a read-only account of an operator may subscribe to. */
export const OPERATOR_READS: readonly string[] = [`${TOPIC_ROOT}/#`]
