import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, describeError, EXIT, UsageError } from '@ankang/protocol'
import { type BoxIdentity, makeIdentity } from '../adapters/identity-parts.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { type DeviceConfig, parseDeviceConfig } from '../config.ts'
import { type EnrolmentStep, enrol } from '../enrolment/enrol.ts'
import { ENROLMENT_WORDS, type EnrolmentFailure, failureOf } from '../enrolment/enrolment-words.ts'
import type { CertificateFacts } from '../ports/certificates.ts'
import { readTextFile } from './json-file.ts'

const HELP = `用法 usage: ankang enrol --config FILE (--code TYPED | --qr TEXT) [--url URL] [--json]
            ankang enrol --config FILE --status [--json]

用管理员给的入网码为这台设备领取证书。核对中心的身份之后才发送申请；已入网的设备可以重新入网。
Fetches this box's certificate with the code an operator gave you. The centre must prove itself by the code before anything is sent;
a box that is enrolled already may be enrolled again. A program that waits for its enrolment notices by itself.

  --config FILE   设备的配置文件   the box's configuration file
  --code TYPED    入网码，大小写、空格、连字符不限   the code as it was read out; case, spaces and hyphens do not matter
  --qr TEXT       二维码里的文本   the text in the QR, AKE1:…
  --url URL       https://控制器:端口，默认取自配置   the controller; default: controller.enrolUrl, or port 8443 of the broker's host
  --status        只看现有证书；没有则退出码 1   only shows the certificate that is there; exit code 1 where there is none

例 example: ankang enrol --config /etc/ankang/device.json --code 0XK3M-…`

const DAY_MS = 86_400_000

const STEPS: Readonly<Record<EnrolmentStep, string>> = {
  fetching: '读取中心的证书与信任文件  fetching the centre’s certificate and trust file',
  proven: '中心身份与入网码相符  the centre is the one that the code speaks of',
  requesting: '申请证书  asking for a certificate',
  saving: '保存  saving it',
}

function openIdentity(config: DeviceConfig, file: string): BoxIdentity {
  const folder = dirname(file)
  const identity = makeIdentity(config, path => resolve(folder, path), systemClock)
  if (identity !== null) return identity
  throw new UsageError(
    'no-line-to-prove',
    `${file}: expected controller.url to be mqtts://host:port; a box without such a line needs no certificate`,
  )
}

function factsJson({ device, site, serial, notBeforeMs, notAfterMs }: CertificateFacts) {
  return {
    enrolled: true,
    device,
    site,
    serial,
    notBefore: new Date(notBeforeMs).toISOString(),
    notAfter: new Date(notAfterMs).toISOString(),
    daysLeft: Math.floor((notAfterMs - systemClock.nowMs()) / DAY_MS),
  }
}

function factsText(facts: CertificateFacts): string {
  const { device, site, serial, notAfter, daysLeft } = factsJson(facts)
  return [
    `设备 device   ${device}`,
    `地点 site     ${site}`,
    `证书 serial   ${serial}`,
    `到期 expires  ${notAfter}（还有 ${daysLeft} 天  ${daysLeft} days left）`,
    '',
  ].join('\n')
}

function tellFailure(failure: EnrolmentFailure, detail: string | null, isJson: boolean, io: CommandIo): number {
  const words = ENROLMENT_WORDS[failure]
  if (isJson) io.out(`${JSON.stringify({ enrolled: false, refusal: failure, ...words })}\n`)
  if (detail !== null) io.err(`${detail}\n`)
  io.err(`未入网 not enrolled: ${words.zh} ${words.en}；${words.hintZh} ${words.hintEn} [${failure}]\n`)
  return EXIT.fault
}

async function showStatus(identity: BoxIdentity, isJson: boolean, io: CommandIo): Promise<number> {
  const facts = await identity.current()
  if (facts !== null) {
    io.out(isJson ? `${JSON.stringify(factsJson(facts))}\n` : factsText(facts))
    return EXIT.done
  }
  io.out(isJson ? `${JSON.stringify({ enrolled: false })}\n` : '未入网 not enrolled\n')
  return EXIT.fault
}

function httpsUrl(url: string | undefined): { readonly url?: string } {
  if (url === undefined) return {}
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return { url }
  throw new UsageError('usage', `--url: expected https://host:port, got ${url}`)
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      config: { type: 'string' },
      code: { type: 'string' },
      qr: { type: 'string' },
      url: { type: 'string' },
      status: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.config === undefined) throw new UsageError('usage', '--config FILE is missing; see ankang enrol --help')
  const file = resolve(io.cwd, values.config)
  const identity = openIdentity(parseDeviceConfig(readTextFile(file, '/'), values.config), file)
  if (values.status) return showStatus(identity, values.json, io)
  const code = values.code ?? values.qr
  if (code === undefined || (values.code !== undefined && values.qr !== undefined))
    throw new UsageError('usage', 'expected the code, with either --code or --qr; see ankang enrol --help')
  const onStep = (step: EnrolmentStep): void => {
    if (!values.json) io.out(`${STEPS[step]}\n`)
  }
  try {
    const end = await enrol(code, await identity.enrolment({ ...httpsUrl(values.url), onStep }))
    if (!end.ok) return tellFailure(end.refusal, end.detail ?? null, values.json, io)
    io.out(
      values.json
        ? `${JSON.stringify(factsJson(end.certificate))}\n`
        : `入网成功 enrolled\n${factsText(end.certificate)}`,
    )
    return EXIT.done
  } catch (error) {
    const failure = failureOf(error)
    if (failure === null) throw error
    return tellFailure(failure, describeError(error), values.json, io)
  }
}

export const enrolCommand: Command = {
  name: 'enrol',
  summary: '用入网码为本设备领取证书  enrol this box with a one-time code',
  help: HELP,
  run,
}
