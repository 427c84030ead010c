import { type DescribedTopic, describedTopics } from './topics.ts'

const HEAD = `# 主题 Topics

由 \`npm run describe\` 生成，勿手改；全文见 [asyncapi.json](api/asyncapi.json)，字节格式见 [formats.md](formats.md) §6。
Made by \`npm run describe\`, not by hand; the whole is in [asyncapi.json](api/asyncapi.json), the bytes in [formats.md](formats.md) §6.

| 主题 Topic | 谁说 Speaker | 内容 Content | QoS | 保留 Retained | 含义 Meaning |
|---|---|---|---|---|---|
`

const SPEAKERS = { device: '设备 device', centre: '中心 centre' } as const

function contentOf({ description }: DescribedTopic): string {
  if (description === null) return '—'
  const { form } = description
  return form.kind === 'json' ? 'JSON' : `${form.contentType.includes('cose') ? 'COSE' : 'CBOR + COSE'} \`${form.aad}\``
}

function row(topic: DescribedTopic): string {
  const { address, speaker, retained, zh, en, description } = topic
  const cells = [
    `\`${address}\``,
    SPEAKERS[speaker],
    contentOf(topic),
    description?.qos ?? '—',
    retained ? '是 yes' : '',
    `${zh} ${en}`,
  ]
  return `| ${cells.join(' | ')} |\n`
}

/** docs/topics.md. */
export function topicTable(): string {
  return HEAD + describedTopics().map(row).join('')
}
