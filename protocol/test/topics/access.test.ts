import {
  CHANNEL_RULES,
  type DeviceAddress,
  type DeviceChannel,
  deviceReads,
  deviceTopic,
  deviceWrites,
  isCovered,
  OPERATOR_READS,
  replayTopic,
  willTopic,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** Source: MQTT 3.1.1 §4.7, by another way than the program's. */
function matcher(filter: string): (topic: string) => boolean {
  const levels = filter.split('/')
  const source = levels
    .map((level, place) => {
      if (level === '#') return place === 0 ? '.*' : '(/.*)?'
      const text = level === '+' ? '[^/]*' : level.replace(/[$]/g, '\\$')
      return place === 0 ? text : `/${text}`
    })
    .join('')
  const pattern = new RegExp(`^${source}$`)
  const isWild = filter.startsWith('+') || filter.startsWith('#')
  return topic => !(isWild && topic.startsWith('$')) && pattern.test(topic)
}

/** Every row of at most `most` of these levels. */
function rows(levels: readonly string[], most: number): readonly string[][] {
  const all: string[][] = [[]]
  for (let from = 0, depth = 1; depth <= most; depth++) {
    const until = all.length
    for (let at = from; at < until; at++) for (const level of levels) all.push([...(all[at] ?? []), level])
    from = until
  }
  return all
}

// one letter more in topics than in filters, and one level more: else a wildcard could pass for its instances
const TOPICS = rows(['a', 'b', 'c', '', '$x'], 4).map(levels => levels.join('/'))
const FILTERS = rows(['a', 'b', '', '$x', '+'], 3)
  .flatMap(levels => [levels.join('/'), [...levels, '#'].join('/')])
  .filter(filter => filter !== '')
const MATCHED = new Map(FILTERS.map(filter => [filter, TOPICS.map(matcher(filter))]))

describe('a filter is covered by another', () => {
  it('exactly when every topic it matches is matched by the other, for every pair of small filters', () => {
    const wrong: string[] = []
    for (const [filter, matched] of MATCHED)
      for (const [allowed, granted] of MATCHED) {
        const isSubset = matched.every((matches, topic) => !matches || granted[topic] === true)
        // every topic has a first level, so these two are the same; to say no is on the safe side
        const isKnownNo = filter === '#' && allowed === '+/#'
        if (isCovered(filter, allowed) !== (isSubset && !isKnownNo)) wrong.push(`${filter} by ${allowed}: ${isSubset}`)
      }
    expect(wrong).toEqual([])
    expect(MATCHED.size ** 2).toBeGreaterThan(90_000)
  })

  it('whenever the other one only puts wildcards for its levels, and then matches all it matches', () => {
    const word = fc.constantFrom('a', 'b', 'ankang', '')
    const level = fc.oneof(word, fc.constant('+'))
    const asked = fc.tuple(fc.array(level, { minLength: 1, maxLength: 7 }), fc.boolean())
    const wider = fc.record({ wild: fc.array(fc.boolean(), { maxLength: 7 }), cutAt: fc.nat(12) })
    const topic = fc.record({
      words: fc.array(word, { minLength: 7, maxLength: 7 }),
      tail: fc.array(word, { maxLength: 3 }),
    })
    fc.assert(
      fc.property(asked, wider, topic, ([levels, isOpen], { wild, cutAt }, { words, tail }) => {
        const filter = [...levels, ...(isOpen ? ['#'] : [])]
        const allowed = filter.map((one, place) => (wild[place] === true && one !== '#' ? '+' : one))
        const cut = cutAt < allowed.length ? [...allowed.slice(0, cutAt), '#'] : allowed
        const name = [...levels.map((one, place) => (one === '+' ? words[place] : one)), ...(isOpen ? tail : [])].join(
          '/',
        )
        expect(isCovered(filter.join('/'), cut.join('/'))).toBe(true)
        expect(matcher(filter.join('/'))(name)).toBe(true)
        expect(matcher(cut.join('/'))(name)).toBe(true)
      }),
    )
  })

  it('by itself, and by everything below the system’s own topics alone where it is one of those', () => {
    for (const filter of FILTERS) expect(isCovered(filter, filter), filter).toBe(true)
    for (const filter of ['$SYS/#', '$SYS/broker/uptime', '$share/group/a'])
      for (const allowed of ['#', '+/#', '+/broker/uptime']) expect(isCovered(filter, allowed)).toBe(false)
    expect(isCovered('$SYS/broker/uptime', '$SYS/#')).toBe(true)
  })
})

const id = fc.stringMatching(/^[a-z0-9-]{1,12}$/).filter(text => !['trust', 'log', 'replay'].includes(text))
const address = fc.record({ site: id, device: id })
const CHANNELS = Object.keys(CHANNEL_RULES) as DeviceChannel[]

function topicOf(of: DeviceAddress, channel: DeviceChannel): string {
  return channel === 'commands' || channel === 'results' ? deviceTopic(of, channel, '0a') : deviceTopic(of, channel)
}

const covers = (allowed: readonly string[], topic: string) => allowed.some(filter => isCovered(topic, filter))

describe('a device', () => {
  it('says what is a device’s to say and hears what is the centre’s, on its own topics', () => {
    fc.assert(
      fc.property(address, own => {
        for (const channel of CHANNELS) {
          const { speaker, retained } = CHANNEL_RULES[channel]
          const topic = topicOf(own, channel)
          expect(covers(deviceWrites(own).all, topic)).toBe(speaker === 'device')
          expect(covers(deviceWrites(own).retained, topic)).toBe(speaker === 'device' && retained)
          expect(covers(deviceReads(own), topic)).toBe(speaker === 'centre')
        }
        expect(covers(deviceWrites(own).retained, willTopic(own))).toBe(true)
      }),
    )
  })

  it('neither says nor hears anything of another device', () => {
    fc.assert(
      fc.property(address, address, (own, other) => {
        fc.pre(own.device !== other.device || own.site !== other.site)
        for (const channel of CHANNELS) {
          expect(covers(deviceWrites(own).all, topicOf(other, channel))).toBe(false)
          expect(covers(deviceReads(own), topicOf(other, channel))).toBe(false)
        }
        expect(covers(deviceWrites(own).all, replayTopic(other.site))).toBe(own.site === other.site)
        expect(covers(deviceReads(own), `ankang/v1/trust/site/${other.site}/policy`)).toBe(own.site === other.site)
      }),
    )
  })

  it('cannot ask for more than is its own by a wildcard', () => {
    const own = { site: 'hall', device: 'hall-door-1' }
    const greedy = [
      '#',
      '+/#',
      '$SYS/#',
      'ankang/#',
      'ankang/v1/#',
      'ankang/v1/hall/#',
      'ankang/v1/+/hall-door-1/commands/+',
      'ankang/v1/hall/+/commands/+',
      'ankang/v1/hall/hall-door-1/#',
      'ankang/v1/hall/hall-door-1/+',
      'ankang/v1/hall/hall-door-1/commands/#',
      'ankang/v1/trust/#',
      'ankang/v1/trust/site/+/policy',
      'ankang/v1/+/replay',
      '',
    ]
    for (const filter of greedy) expect(covers(deviceReads(own), filter), filter).toBe(false)
    for (const filter of deviceReads(own)) expect(covers(deviceReads(own), filter), filter).toBe(true)
  })

  it('writes neither trust nor log nor the system’s topics', () => {
    const own = { site: 'hall', device: 'hall-door-1' }
    for (const topic of [
      'ankang/v1/trust/common/bundle',
      'ankang/v1/log/checkpoint',
      '$SYS/x',
      'other',
      'ankang/v1/hall',
    ])
      expect(covers(deviceWrites(own).all, topic), topic).toBe(false)
  })
})

describe('an operator’s read-only account', () => {
  it('hears every device, and nothing of the broker itself', () => {
    for (const channel of CHANNELS)
      expect(covers(OPERATOR_READS, topicOf({ site: 'hall', device: 'hall-door-1' }, channel))).toBe(true)
    for (const topic of ['$SYS/broker/uptime', '$SYS/#', '#', 'other/topic'])
      expect(covers(OPERATOR_READS, topic)).toBe(false)
  })
})
