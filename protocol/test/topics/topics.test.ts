import {
  channelFilter,
  DEVICE_CHANNELS,
  deviceFilter,
  deviceTopic,
  isTopicId,
  ORDER_CHANNELS,
  parseDeviceTopic,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const ADDRESS = { site: 'hall', device: 'hall-door-1' }

describe('the topics of a device', () => {
  it('are spelt and read the same on every channel', () => {
    for (const channel of DEVICE_CHANNELS) {
      expect(deviceTopic(ADDRESS, channel)).toBe(`ankang/v1/hall/hall-door-1/${channel}`)
      expect(parseDeviceTopic(deviceTopic(ADDRESS, channel))).toEqual({ ...ADDRESS, channel })
      expect(channelFilter(channel)).toBe(`ankang/v1/+/+/${channel}`)
    }
  })

  it('have the order’s id in them where each order has one of its own, and nowhere else', () => {
    for (const channel of ORDER_CHANNELS) {
      expect(deviceTopic(ADDRESS, channel, '0a')).toBe(`ankang/v1/hall/hall-door-1/${channel}/0a`)
      expect(parseDeviceTopic(deviceTopic(ADDRESS, channel, '0a'))).toEqual({ ...ADDRESS, channel, orderId: '0a' })
      expect(channelFilter(channel)).toBe(`ankang/v1/+/+/${channel}/+`)
      expect(deviceFilter(ADDRESS, channel)).toBe(`ankang/v1/hall/hall-door-1/${channel}/+`)
      for (const topic of [`${channel}`, `${channel}/`, `${channel}/+`, `${channel}/trust`, `${channel}/0a/more`])
        expect(parseDeviceTopic(`ankang/v1/hall/hall-door-1/${topic}`), topic).toBeNull()
      expect(() => deviceTopic(ADDRESS, channel)).toThrow(expect.objectContaining({ code: 'order-id-misplaced' }))
      expect(() => deviceTopic(ADDRESS, channel, 'a/b')).toThrow(expect.objectContaining({ code: 'topic-id-invalid' }))
    }
    for (const channel of DEVICE_CHANNELS) {
      expect(() => deviceTopic(ADDRESS, channel, '0a')).toThrow(expect.objectContaining({ code: 'order-id-misplaced' }))
      expect(deviceFilter(ADDRESS, channel)).toBe(deviceTopic(ADDRESS, channel))
    }
  })

  it('take lower-case letters, digits and hyphens, and none of the reserved words', () => {
    for (const id of ['hall', 'hall-door-1', '7', 'a'.repeat(40)]) expect(isTopicId(id), id).toBe(true)
    for (const id of [
      '',
      'Hall',
      'hall door',
      'a.b',
      'a/b',
      '+',
      '#',
      '大厅',
      'a'.repeat(41),
      'trust',
      'log',
      'replay',
    ])
      expect(isTopicId(id), id).toBe(false)
  })

  it('are not made of an id that could reach another device’s topics', () => {
    for (const id of ['+', '#', 'a/b', '', 'trust']) {
      const refusal = expect.objectContaining({
        code: 'topic-id-invalid',
        message: expect.stringContaining(JSON.stringify(id)),
      })
      expect(() => deviceTopic({ site: id, device: 'd' }, 'state')).toThrow(refusal)
      expect(() => deviceTopic({ site: 's', device: id }, 'state')).toThrow(refusal)
    }
  })

  it('are not read from any other topic', () => {
    const others = [
      'ankang/v1/hall/hall-door-1',
      'ankang/v1/hall/hall-door-1/unknown',
      'ankang/v1/hall/hall-door-1/state/more',
      'ankang/v2/hall/hall-door-1/state',
      'other/v1/hall/hall-door-1/state',
      'ankang/v1/trust/hall-door-1/state',
      'ankang/v1/hall/replay/state',
      'ankang/v1/Hall/hall-door-1/state',
      'ankang/v1//hall-door-1/state',
      '/ankang/v1/hall/hall-door-1/state',
      '$SYS/broker/uptime',
      '',
    ]
    for (const topic of others) expect(parseDeviceTopic(topic), topic).toBeNull()
  })

  it('are read or refused, never thrown over', () => {
    const level = fc.constantFrom('ankang', 'v1', 'hall', 'commands', 'state', '0a', 'trust', '')
    const likely = fc.array(level, { maxLength: 6 }).map(levels => ['ankang', 'v1', ...levels].join('/'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), likely), topic => {
        const parsed = parseDeviceTopic(topic)
        if (parsed !== null) expect(deviceTopic(parsed, parsed.channel, parsed.orderId)).toBe(topic)
      }),
    )
  })
})
