import { parseArgs } from 'node:util'
import {
  type Catalogue,
  type Command,
  type CommandIo,
  catalogue,
  compileTrust,
  type Decision,
  decide,
  describeError,
  EXIT,
  fromHex,
  HEALTHY,
  type Outcome,
  type Policy,
  type Presentation,
  parsePolicyForCheck,
  parseTrustFile,
  recognise,
  refusal,
  type Trust,
  toHex,
  UsageError,
  utf8,
  verify,
} from '@ankang/protocol'
import { decodePicture } from '../adapters/sharp/decode-picture.ts'
import { readJsonFile } from './json-file.ts'

const HELP = `用法 usage: ankang verify (--text T | --hex H | --image FILE) --trust FILE --policy FILE [--at UNIX] [--site S] [--challenge HEX] [--json]
            ankang verify --cases FILE

检查一个码：它由谁签发、给谁看、为什么放行或拒绝。不留记录，不查重放。
Checks one code: who signed it, and why it would pass or not. Leaves no record and knows no replay.

  --text T         码的文本   the text of the code, never trimmed
  --hex H          扫描器送来的字节   the bytes a scanner delivered
  --image FILE     图片   a picture of it
  --trust FILE     信任文件   whom to believe
  --policy FILE    策略文件   what to accept
  --at UNIX        时刻，秒；默认现在   the moment, Unix seconds; now by default
  --site S         本站点   this site, for codes that name one
  --challenge HEX  门上的动态码   what the door shows
  --cases FILE     一批用例   many cases; one JSON line each

退出码 exit: 0 放行 admit · 3 拒绝 deny · 4 转人工 refer · 2 用法或文件 usage or file · 1 故障 fault
例 example: ankang verify --image code.png --trust trust.json --policy hall-door.json --site hall`

const EXIT_OF: Readonly<Record<Outcome, number>> = { admit: 0, deny: 3, refer: 4 }

interface Question {
  readonly bytes: Uint8Array
  readonly trust: Trust
  readonly policy: Policy
  readonly at: number
  readonly site: string | null
  readonly challenge: Uint8Array | null
}

interface Answer {
  readonly outcome: Outcome
  readonly reason: string
  readonly family?: string
  readonly issuer?: string
  readonly kind?: string
  readonly colour?: string
  readonly credentialId?: string
  readonly maskedName?: string
  readonly timings: Readonly<Record<'recogniseMs' | 'verifyMs' | 'decideMs', number>>
}

/** Rows 1 to 15 and 17 to 20, for any scene name: no replay memory, no device state, no scene. */
function answer(question: Question, { families, reasons }: Catalogue): Answer {
  const { trust, policy, at: now, site, challenge } = question
  const started = performance.now()
  const recognition = recognise(question, families)
  const recognised = performance.now()
  const tell = (
    decision: Decision,
    family: string | null,
    presentation: Presentation | null,
    verified = performance.now(),
  ): Answer => ({
    outcome: decision.outcome,
    reason: decision.reason,
    ...(family === null ? {} : { family }),
    ...(presentation === null ? {} : describe(presentation)),
    ...(decision.colour === null ? {} : { colour: decision.colour }),
    timings: {
      recogniseMs: round(recognised - started),
      verifyMs: round(verified - recognised),
      decideMs: round(performance.now() - verified),
    },
  })
  if (!recognition.ok) return tell(refusal(recognition.reason, reasons), recognition.family, null)
  const { claimed } = recognition
  const verification = verify(claimed, { trust, policy, now, site, challenge })
  if (!verification.ok) return tell(refusal(verification.reason, reasons), claimed.family, verification.presentation)
  const verified = performance.now()
  const { presentation } = verification
  const decision = decide(presentation, {
    trust,
    policy,
    reasons,
    scene: null,
    state: HEALTHY,
    now,
    situation: null,
    markedUntil: () => null,
  })
  return tell(decision, claimed.family, presentation, verified)
}

/** Only what row 5 has passed gets here. */
function describe({ issuer, kind, credentialId, maskedName }: Presentation) {
  return { issuer, kind, credentialId: toHex(credentialId), ...(maskedName === null ? {} : { maskedName }) }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function inWords(result: Answer): string {
  const reason = catalogue.reasons.get(result.reason)
  const word = { admit: '放行 admit', deny: '拒绝 deny', refer: '转人工 refer' }[result.outcome]
  const facts = [result.family, result.issuer, result.kind, result.colour, result.maskedName]
    .filter(fact => fact !== undefined)
    .join(' · ')
  const hint = reason?.hintZh ? `\n→ ${reason.hintZh}  ${reason.hintEn}` : ''
  return `${word}: ${reason?.zh ?? result.reason}  ${reason?.en ?? ''} (${result.reason})${facts === '' ? '' : `\n  ${facts}`}${hint}`
}

interface Cases {
  readonly trust?: unknown
  readonly policies: Readonly<Record<string, unknown>>
  readonly cases: readonly Readonly<Record<string, unknown>>[]
}

function asCases(json: unknown, file: string): Cases {
  const { policies, cases } = (json ?? {}) as Partial<Cases>
  if (typeof policies !== 'object' || policies === null || !Array.isArray(cases))
    throw new UsageError('cases-invalid', `${file}: expected {trust, policies, cases: […]}`)
  return json as Cases
}

function caseBytes(one: Readonly<Record<string, unknown>>): Uint8Array {
  const { text, hex } = one
  if (typeof text === 'string') return utf8(text)
  if (typeof hex === 'string') return fromHex(hex)
  throw new UsageError('case-invalid', 'expected text or hex')
}

function answerCase(one: Readonly<Record<string, unknown>>, file: Cases, commonTrust: () => Trust): Answer {
  const { policy, at, site, challenge, trust } = one
  const named = file.policies[String(policy)]
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0)
    throw new UsageError('case-invalid', `at: expected Unix seconds, got ${JSON.stringify(at)}`)
  if (named === undefined) throw new UsageError('case-invalid', `no policy named ${String(policy)} in this file`)
  return answer(
    {
      bytes: caseBytes(one),
      trust: trust === undefined ? commonTrust() : compileTrust(parseTrustFile(trust, 'trust of the case')),
      policy: parsePolicyForCheck(named, catalogue, `policy ${String(policy)}`),
      at,
      site: typeof site === 'string' ? site : null,
      challenge: typeof challenge === 'string' ? fromHex(challenge) : null,
    },
    catalogue,
  )
}

function runCases(path: string, io: CommandIo): number {
  const file = asCases(readJsonFile(path, io.cwd), path)
  let compiled: Trust | null = null
  const commonTrust = () => {
    compiled ??= compileTrust(parseTrustFile(file.trust, `${path}: trust`))
    return compiled
  }
  for (const one of file.cases) {
    try {
      io.out(`${JSON.stringify({ name: one['name'], ...answerCase(one, file, commonTrust) })}\n`)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      io.out(`${JSON.stringify({ name: one['name'], error: describeError(error) })}\n`)
    }
  }
  return EXIT.done
}

async function presentedBytes(
  values: Readonly<Record<string, string | boolean | undefined>>,
  io: CommandIo,
): Promise<Uint8Array> {
  const { text, hex, image } = values
  const given = [text, hex, image].filter(value => value !== undefined).length
  if (given !== 1)
    throw new UsageError('usage', `expected one of --text, --hex and --image, got ${given}; see ankang verify --help`)
  if (typeof text === 'string') return utf8(text)
  if (typeof hex === 'string') return fromHex(hex)
  return (await decodePicture(String(image), io.cwd)) ?? new Uint8Array(0)
}

function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new UsageError('usage', `${option} is missing; see ankang verify --help`)
  return value
}

function momentOf(at: string | undefined): number {
  if (at === undefined) return Math.floor(Date.now() / 1000)
  if (!/^\d{1,12}$/.test(at)) throw new UsageError('usage', `--at: expected Unix seconds, got ${JSON.stringify(at)}`)
  return Number(at)
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      text: { type: 'string' },
      hex: { type: 'string' },
      image: { type: 'string' },
      trust: { type: 'string' },
      policy: { type: 'string' },
      at: { type: 'string' },
      site: { type: 'string' },
      challenge: { type: 'string' },
      cases: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  if (values.cases !== undefined) return runCases(values.cases, io)
  const result = answer(
    {
      trust: compileTrust(parseTrustFile(readJsonFile(required(values.trust, '--trust'), io.cwd), values.trust)),
      policy: parsePolicyForCheck(readJsonFile(required(values.policy, '--policy'), io.cwd), catalogue, values.policy),
      at: momentOf(values.at),
      site: values.site ?? null,
      challenge: values.challenge === undefined ? null : fromHex(values.challenge),
      bytes: await presentedBytes(values, io),
    },
    catalogue,
  )
  io.out(`${values.json === true || !io.interactive ? JSON.stringify(result) : inWords(result)}\n`)
  return EXIT_OF[result.outcome]
}

/** The technician's check. Source: formats.md §2. */
export const verifyCommand: Command = { name: 'verify', summary: '检查一个码  check one code', help: HELP, run }
