import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  CHANNEL_RULES,
  channelFilter,
  type DeviceChannel,
  decodePayload,
  deviceReads,
  deviceTopic,
  deviceWrites,
  isCovered,
} from '@ankang/protocol'
import specs from '@asyncapi/specs'
import { Ajv } from 'ajv'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { asyncApiDocument, headComment } from '../../describe/async-api.ts'
import { CHANNELS } from '../../describe/channels.ts'
import { DOCUMENTS } from '../../describe/documents.ts'
import { describedTopics } from '../../describe/topics.ts'

const root = resolve(import.meta.dirname, '../../..')
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
/** Its types say `undefined` where ours allow none. */
const schema: Record<string, unknown> = { ...specs.schemasWithoutId['3.0.0'] }
const isAsyncApi = ajv.compile(schema)

/** A document cut down to what these tests ask of it. */
const cutDown = v.object({
  channels: v.record(v.string(), v.looseObject({ address: v.string() })),
  operations: v.record(
    v.string(),
    v.looseObject({
      action: v.picklist(['send', 'receive']),
      bindings: v.object({ mqtt: v.object({ qos: v.number(), retain: v.boolean() }) }),
    }),
  ),
  components: v.looseObject({
    messages: v.record(
      v.string(),
      v.looseObject({ contentType: v.string(), payload: v.record(v.string(), v.unknown()) }),
    ),
  }),
})

/** Every `$ref` of a document. */
function references(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(references)
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => (key === '$ref' ? [String(value)] : references(value)))
}

function resolveIn(document: unknown, reference: string): unknown {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>(
      (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
      document,
    )
}

describe('the documents made from the code', () => {
  for (const { path, make } of DOCUMENTS)
    it(`are as the code is now: ${path} (else run npm run describe)`, () => {
      expect(readFileSync(join(root, path), 'utf8')).toBe(make(root))
    })
})

describe('the description of the topics', () => {
  const document = asyncApiDocument(root)
  const { channels, operations, components } = v.parse(cutDown, document)

  it('is AsyncAPI 3.0.0, by the published schema, which refuses what is none', () => {
    isAsyncApi(document)
    expect(isAsyncApi.errors ?? []).toEqual([])
    expect(isAsyncApi({ ...document, asyncapi: '2.0.0' })).toBe(false)
    expect(isAsyncApi({ ...document, channels: { state: { addres: 'x' } } })).toBe(false)
  })

  it('refers to nothing that is not in it', () => {
    const all = references(document)
    expect(all.length).toBeGreaterThan(30)
    for (const reference of all) expect(resolveIn(document, reference), reference).toBeDefined()
  })

  it('has every channel of a device, spoken on by whom the rules of the broker let', () => {
    for (const channel of Object.keys(CHANNEL_RULES) as DeviceChannel[]) {
      const { speaker, retained } = CHANNEL_RULES[channel]
      expect(channels[channel]?.address.replace(/\{\w+\}/g, '+')).toBe(channelFilter(channel))
      expect(operations[channel]).toMatchObject({ action: speaker === 'device' ? 'receive' : 'send' })
      expect(operations[channel]?.bindings.mqtt.retain).toBe(retained)
    }
  })

  it('tells of every topic that is granted to a device, and of no other', () => {
    const address = { site: 'hall', device: 'hall-door-1' }
    const granted = [...deviceReads(address), ...deviceWrites(address).all]
    const told = Object.values(channels).map(channel =>
      channel.address
        .replace('{site}', address.site)
        .replace('{device}', address.device)
        .replace('{id}', '+')
        .replace('{path}', '#'),
    )
    for (const filter of granted)
      expect(
        told.some(one => isCovered(filter, one)),
        filter,
      ).toBe(true)
    for (const one of told)
      expect(
        granted.some(filter => isCovered(one, filter)),
        one,
      ).toBe(true)
    expect(told).toContain(deviceTopic(address, 'birth'))
  })

  it('gives examples that both its own schemas and the program’s read', () => {
    for (const [channel, { form }] of Object.entries(CHANNELS)) {
      if (form.kind !== 'json') continue
      const isPayload = ajv.compile(components.messages[channel]?.payload ?? expect.fail(channel))
      expect(form.examples.length).toBeGreaterThan(0)
      for (const example of form.examples) {
        expect(decodePayload(form.schema, Buffer.from(JSON.stringify(example)), channel)).toEqual(example)
        isPayload(example)
        expect(isPayload.errors ?? [], channel).toEqual([])
      }
      expect(isPayload({})).toBe(false)
    }
  })

  it('carries the layout of what is signed, from the head of the file that reads it', () => {
    for (const { name, description } of describedTopics()) {
      if (description?.form.kind !== 'signed') continue
      const { aad, source } = description.form
      const layout = headComment(readFileSync(join(root, source), 'utf8'))
      expect(layout).toContain(aad)
      expect(components.messages[name]).toMatchObject({
        contentType: description.form.contentType,
        description: expect.stringContaining(layout),
      })
    }
    expect(headComment('/*\n * One.\n *\n *   {1: a}\n */\nexport {}')).toBe('One.\n\n  {1: a}')
    expect(() => headComment('export {}')).toThrow('expected a comment')
  })
})
