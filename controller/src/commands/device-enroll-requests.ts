import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  type CommandIo,
  EXIT,
  parseJson,
  parseWith,
  type RenewalRequest,
  renewalRequest,
  UsageError,
} from '@ankang/protocol'
import { openCertificateAuthority } from '../identity/certificate-authority.ts'
import { enrolInWorkshop, type WorkshopOutcome } from '../identity/workshop.ts'
import { withHomeRegistry } from './home-registry.ts'

async function readRequests(file: string): Promise<readonly RenewalRequest[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError('file-unreadable', `无法读取 cannot read ${file}; check the path and its permissions`, {
      cause: error,
    })
  }
  return text.split('\n').flatMap((line, place) => {
    const context = { code: 'request-invalid', source: `${file}:${place + 1}` }
    return line.trim() === '' ? [] : [parseWith(renewalRequest, parseJson(line, context), context)]
  })
}

function asJson(outcomes: readonly WorkshopOutcome[]): string {
  const answers = outcomes.flatMap(outcome =>
    outcome.ok ? [{ device: outcome.device, certificate: outcome.certificate.certificatePem }] : [],
  )
  const refused = outcomes.flatMap(outcome =>
    outcome.ok ? [] : [{ device: outcome.device, error: outcome.reason, message: outcome.detail }],
  )
  return `${JSON.stringify({ answers, refused })}\n`
}

function asText(outcomes: readonly WorkshopOutcome[]): string {
  const lines = outcomes.map(outcome =>
    outcome.ok
      ? `# ${outcome.device}: client.crt\n${outcome.certificate.certificatePem}`
      : `# ${outcome.device}: 未入网 not enrolled: ${outcome.detail}\n`,
  )
  return lines.join('')
}

/** `ankang device enroll --requests FILE`: a line of JSON for each box, as the box sends it when its certificate is renewed. Exit 1 when one was refused. */
export async function runEnrollRequests(
  { home, requests: file, json }: { readonly home: string; readonly requests: string; readonly json: boolean },
  io: CommandIo,
): Promise<number> {
  const requests = await readRequests(resolve(io.cwd, file))
  const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes))
  const outcomes = await withHomeRegistry(io.cwd, home, async ({ config, actor, registry, audit }) => {
    const authority = await openCertificateAuthority({ folder: config.caFolder, nowMs: Date.now, random })
    return enrolInWorkshop({ registry, authority, audit }, requests, actor)
  })
  io.out(json ? asJson(outcomes) : asText(outcomes))
  return outcomes.every(({ ok }) => ok) ? EXIT.done : EXIT.fault
}
