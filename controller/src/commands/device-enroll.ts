import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type CommandIo, EXIT, UsageError } from '@ankang/protocol'
import { openCertificateAuthority } from '../identity/certificate-authority.ts'
import { codeForTerminal } from '../identity/code-picture.ts'
import { type CreatedCode, EnrolmentDesk } from '../identity/enrolment-desk.ts'
import { Refusals } from '../refusals.ts'
import { runEnrollRequests } from './device-enroll-requests.ts'
import { timeText } from './device-list.ts'
import { withHomeRegistry } from './home-registry.ts'

function parseMinutes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new UsageError('flag-invalid', `--minutes: 应为整数 expected whole minutes, got ${JSON.stringify(text)}`)
}

function parseArguments(argv: readonly string[]) {
  const options = {
    home: { type: 'string', default: '.ankang' },
    device: { type: 'string' },
    site: { type: 'string' },
    minutes: { type: 'string' },
    replace: { type: 'boolean' },
    requests: { type: 'string' },
    json: { type: 'boolean' },
  } as const
  const {
    device,
    site,
    minutes,
    replace,
    requests,
    json = false,
    home,
  } = parseArgs({ args: [...argv], options }).values
  if (requests !== undefined && (device ?? site ?? minutes ?? replace) === undefined) return { home, json, requests }
  if (device === undefined || site === undefined)
    throw new UsageError(
      'flag-missing',
      '应有 expected --device and --site, as in: ankang device enroll --site hall --device hall-door-2; or --requests FILE alone',
    )
  return { home, json, device, site, minutes: parseMinutes(minutes), replace }
}

async function asText({ device, site, typed, qr, expiresMs }: CreatedCode, interactive: boolean): Promise<string> {
  return `${site}/${device} 的入网码，${timeText(expiresMs)} 前有效，只能用一次，只显示这一次
enrolment code of ${device} at ${site}: good until ${timeText(expiresMs)}, once, and shown this once

  ${typed}

${await codeForTerminal(qr, interactive)}
下一步：在设备的扫码窗前出示此二维码，或在设备上输入：
next: show this QR to the device's own scanner, or type at the device:

  ankang enrol --config config.json --code ${typed}
`
}

/** What the person at this machine may do beside what everybody is told. */
const HINTS = {
  'device-elsewhere': '',
  'device-enrolled': '；在本机可用 --replace 直接更换 · or, at this machine, take its place with --replace',
} as const

/** Whoever refuses here says so on the terminal. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** `ankang device enroll`. */
export async function runEnroll(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(argv)
  if (parsed.requests !== undefined) return runEnrollRequests(parsed, io)
  const { home, json, ...wish } = parsed
  const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes))
  const outcome = await withHomeRegistry(io.cwd, home, async ({ config, actor, ...opened }) => {
    const authority = await openCertificateAuthority({ folder: config.caFolder, nowMs: Date.now, random })
    const { trustFile } = config
    const refusals = new Refusals(silent)
    const desk = new EnrolmentDesk({ ...opened, authority, trustFile, refusals, nowMs: Date.now, random })
    return desk.createCode({ ...wish, createdBy: actor })
  })
  if (!outcome.ok) throw new UsageError(outcome.error, `${outcome.detail}${HINTS[outcome.error]}`)
  io.out(json ? `${JSON.stringify(outcome.code)}\n` : await asText(outcome.code, io.interactive))
  return EXIT.done
}
