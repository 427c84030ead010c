import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { JsonForm, SignedForm } from './channels.ts'
import { type DescribedTopic, describedTopics } from './topics.ts'

type Json = Readonly<Record<string, unknown>>

const PARAMETERS: Readonly<Record<string, Json>> = {
  site: { description: '地点 site: [a-z0-9-]{1,40}，保留词除外 but trust, log, replay', examples: ['hall'] },
  device: { description: '设备，全县唯一 device, unique in the county: [a-z0-9-]{1,40}', examples: ['hall-door-1'] },
  id: { description: '命令编号 the order’s id: 32 hex', examples: ['00112233445566778899aabbccddeeff'] },
  path: { description: '其余各级 further levels' },
}

const SERVERS: Json = {
  broker: {
    host: 'localhost:8883',
    protocol: 'secure-mqtt',
    protocolVersion: '3.1.1',
    description: 'TLS 1.2 起，双向；QoS 2 不受理 TLS from 1.2 on, mutual; QoS 2 is not served',
    security: [{ $ref: '#/components/securitySchemes/certificate' }, { $ref: '#/components/securitySchemes/token' }],
  },
}

const SECURITY: Json = {
  certificate: {
    type: 'X509',
    description:
      '设备证书；证书中的设备号 = 客户端号 = 主题 = 内容 A device’s certificate; its device id = client id = topic = payload',
  },
  token: {
    type: 'userPassword',
    description: '只读账号：令牌名与令牌 A read-only account: a token’s name, and the token',
  },
}

/** The comment at the head of a source file, without its frame. */
export function headComment(source: string): string {
  const comment = /^\/\*+([\s\S]*?)\*\//.exec(source)?.[1]
  if (comment === undefined) throw new RangeError('expected a comment with the layout at the head of the file')
  return comment
    .split('\n')
    .map(line => line.replace(/^ \* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

function jsonMessage({ schema, examples }: JsonForm): Json {
  const { $schema: _, ...payload } = toJsonSchema(schema, { typeMode: 'input' })
  return { contentType: 'application/json', payload, examples: examples.map(example => ({ payload: example })) }
}

function signedMessage(root: string, { source, contentType, aad, maxBytes }: SignedForm): Json {
  const layout = headComment(readFileSync(join(root, source), 'utf8'))
  return {
    contentType,
    description: `\`\`\`text\n${layout}\n\`\`\``,
    payload: { type: 'string', format: 'binary', maxLength: maxBytes },
    'x-external-aad': aad,
  }
}

function words({ zh, en }: { readonly zh: string; readonly en: string }): string {
  return `${zh}。${en}.`
}

function message(root: string, topic: DescribedTopic): Json {
  const { name, description } = topic
  const form = description?.form
  if (form === undefined) throw new RangeError(`expected ${name} to carry something`)
  return { name, summary: words(topic), ...(form.kind === 'json' ? jsonMessage(form) : signedMessage(root, form)) }
}

function channel(topic: DescribedTopic): Json {
  const { name, address, parameters, description } = topic
  return {
    address,
    summary: words(topic),
    parameters: Object.fromEntries(parameters.map(one => [one, { $ref: `#/components/parameters/${one}` }])),
    ...(description === null ? {} : { messages: { [name]: { $ref: `#/components/messages/${name}` } } }),
  }
}

/** As the centre sees it: it receives what devices say. */
function operation(topic: DescribedTopic): Json {
  const { name, speaker, retained, description } = topic
  return {
    action: speaker === 'device' ? 'receive' : 'send',
    channel: { $ref: `#/channels/${name}` },
    summary: words(topic),
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    bindings: { mqtt: { qos: description?.qos, retain: retained, bindingVersion: '0.2.0' } },
  }
}

/** The topics of MQTT as an AsyncAPI 3.0 document. `root` is the repository's. */
export function asyncApiDocument(root: string): Json {
  const topics = describedTopics()
  const spoken = topics.filter(({ description }) => description !== null)
  const table = (of: readonly DescribedTopic[], make: (topic: DescribedTopic) => Json): Json =>
    Object.fromEntries(of.map(topic => [topic.name, make(topic)]))
  return {
    asyncapi: '3.0.0',
    info: {
      title: '安康码门禁与车载设备 Health-code devices of a county',
      version: '1',
      description:
        '设备与中心之间的 MQTT 主题，以中心为主语。线路不受信任：凡使设备行动的，都另有签名。' +
        'MQTT topics between devices and the centre, as the centre sees them. The broker is not trusted: what makes a device act is signed for it.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: table(topics, channel),
    operations: table(spoken, operation),
    components: {
      messages: table(spoken, topic => message(root, topic)),
      parameters: PARAMETERS,
      securitySchemes: SECURITY,
    },
  }
}
