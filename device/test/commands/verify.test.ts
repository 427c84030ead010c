import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { commands } from '../../src/commands/index.ts'
import { runCommand } from '../fixtures/run-command.ts'

const VECTORS = join(import.meta.dirname, '../../../protocol/vectors')
const CASES = join(VECTORS, 'cases.json')
const file = JSON.parse(readFileSync(CASES, 'utf8'))

interface Picture {
  readonly file: string
  readonly case: string
  readonly policy: string
  readonly at: number
  readonly expect: Record<string, unknown>
}

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-verify-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return folder
}

function material(policy = 'default', trust: unknown = file.trust) {
  const folder = folderWith({ 'trust.json': trust, 'policy.json': file.policies[policy] })
  return ['--trust', join(folder, 'trust.json'), '--policy', join(folder, 'policy.json')]
}

const textOf = (name: string): string => file.cases.find((one: { name: string }) => one.name === name).text
const verify = (...argv: readonly string[]) => runCommand(commands, ['verify', ...argv])

describe('ankang verify', () => {
  it('answers every case of the vectors, in order, with its name', async () => {
    const { exitCode, out } = await verify('--cases', CASES)
    const answers = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(exitCode).toBe(0)
    expect(answers.map(answer => answer.name)).toEqual(file.cases.map((one: { name: string }) => one.name))
    for (const [index, one] of file.cases.entries()) expect(answers[index], one.name).toMatchObject(one.expect)
  })

  for (const folder of ['images', 'frames']) {
    const pictures: readonly Picture[] = JSON.parse(readFileSync(join(VECTORS, folder, 'index.json'), 'utf8'))
    it.each(pictures)(`reads ${folder}/$file: $case`, async picture => {
      const { out } = await verify(
        '--image',
        join(VECTORS, folder, picture.file),
        ...material(picture.policy),
        '--at',
        String(picture.at),
      )
      expect(JSON.parse(out)).toMatchObject(picture.expect)
    })
  }

  it.each([
    ['phone code, green', 'default', 0, 'admit'],
    ['paper code where paper is not accepted', 'no-paper', 3, 'deny'],
    ['yellow referred to a person', 'refer-yellow', 4, 'refer'],
  ])('ends %s under %s with exit code %i', async (name, policy, exitCode, outcome) => {
    const end = await verify('--text', textOf(name), ...material(policy), '--at', String(file.now))
    expect(end.exitCode).toBe(exitCode)
    expect(JSON.parse(end.out)).toMatchObject({ outcome })
  })

  it('takes the bytes a scanner delivers as hex', async () => {
    const hex = Buffer.from(textOf('phone code, green')).toString('hex')
    const { out } = await verify('--hex', hex, ...material(), '--at', String(file.now))
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'admit',
      maskedName: '张*伟',
      credentialId: expect.stringMatching(/^[0-9a-f]{24}$/),
    })
  })

  it('names nobody whose signature did not verify', async () => {
    const { out } = await verify(
      '--text',
      textOf('one bit of the signature flipped'),
      ...material(),
      '--at',
      String(file.now),
    )
    expect(Object.keys(JSON.parse(out)).sort()).toEqual(['family', 'outcome', 'reason', 'timings'])
  })

  it('calls an image without a code unrecognised', async () => {
    const blank = join(folderWith({}), 'blank.png')
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } }).toFile(blank)
    const { exitCode, out } = await verify('--image', blank, ...material(), '--at', '1')
    expect([exitCode, JSON.parse(out)]).toMatchObject([3, { outcome: 'deny', reason: 'unrecognised' }])
  })

  it('refuses a proof that names a site when none is given', async () => {
    const argv = ['--text', textOf('proof for this site'), ...material(), '--at', String(file.now)]
    expect(JSON.parse((await verify(...argv)).out)).toMatchObject({ reason: 'wrong-site' })
    expect(JSON.parse((await verify(...argv, '--site', 'hall-1')).out)).toMatchObject({ reason: 'ok' })
  })

  it('takes any scene name', async () => {
    const folder = folderWith({
      'trust.json': file.trust,
      'policy.json': { ...file.policies.default, scene: 'anything' },
    })
    const { out } = await verify(
      '--text',
      textOf('phone code, green'),
      '--trust',
      join(folder, 'trust.json'),
      '--policy',
      join(folder, 'policy.json'),
      '--at',
      String(file.now),
    )
    expect(JSON.parse(out)).toMatchObject({ reason: 'ok' })
  })

  it('speaks to a person in words, Chinese first', async () => {
    const argv = ['verify', '--text', textOf('proof 61 s old'), ...material(), '--at', String(file.now)]
    const { out } = await runCommand(commands, argv, true)
    expect(out).toMatch(/^拒绝 deny: 截图或旧码，请刷新 {2}Old code/)
    expect(out).toContain('→ 请刷新手机上的码后再试')
  })

  it.each([
    ['no code', [], /expected one of --text, --hex and --image, got 0/],
    ['two codes', ['--text', 'a', '--hex', '00'], /got 2/],
    ['odd hex', ['--hex', 'abc'], /even number of hex digits/],
    ['a moment that is none', ['--text', 'a', '--at', 'noon'], /--at: expected Unix seconds/],
    ['an option it does not know', ['--text', 'a', '--sight', 'x'], /Unknown option '--sight'/],
    ['a file that is not there', ['--image', '/nowhere.png'], /nowhere\.png/],
  ])('answers %s with exit code 2 and what was expected', async (_, argv, message) => {
    const { exitCode, out, err } = await verify(...argv, ...material())
    expect([exitCode, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  it.each([
    ['an unknown key', { ...file.trust, isuers: [] }, /trust\.json: isuers/],
    [
      'a key of the wrong length',
      { ...file.trust, issuers: [{ ...file.trust.issuers[0], publicKey: 'ab' }] },
      /issuer 341523: publicKey is no EdDSA key/,
    ],
    [
      'a list that does not open',
      { ...file.trust, statusLists: [{ id: 1, asOf: 1, bits: 2, lst: 'AAAA' }] },
      /status list 1: lst does not open/,
    ],
    ['no JSON at all', '{', /trust\.json: expected JSON/],
  ])('refuses a trust file with %s, naming the place', async (_, trust, message) => {
    const { exitCode, err } = await verify('--text', 'x', ...material('default', trust), '--at', '1')
    expect(exitCode).toBe(2)
    expect(err).toMatch(message)
  })

  it('shows its help with an example', async () => {
    const { exitCode, out } = await verify('--help')
    expect(exitCode).toBe(0)
    expect(out).toContain('ankang verify --image code.png')
  })
})

describe('ankang verify, of a ride code', () => {
  const ride = file.cases.find((one: { name: string }) => one.name === 'ride: interoperable')

  it('says whose account it is by id alone, and no colour', async () => {
    const { exitCode, out } = await verify('--hex', ride.hex, ...material(ride.policy), '--at', String(ride.at))
    expect(exitCode).toBe(0)
    const answer = JSON.parse(out)
    expect(answer).toMatchObject({
      outcome: 'admit',
      reason: 'ok',
      family: 'jtt1179',
      issuer: '02002900',
      kind: 'person',
    })
    expect(answer.credentialId).toMatch(/^[0-9a-f]{20}$/)
    expect(Object.keys(answer)).not.toContain('colour')
    expect(Object.keys(answer)).not.toContain('maskedName')
  })

  it('takes the policy of a real bus as well as one that leaves out what only its scene asks', async () => {
    const policy = { ...file.policies[ride.policy], operator: 'county-bus', fare: { kind: 'flat', fen: 200 } }
    const folder = folderWith({ 'trust.json': file.trust, 'policy.json': { ...policy, intervalSeconds: 120 } })
    const given = ['--trust', join(folder, 'trust.json'), '--policy', join(folder, 'policy.json')]
    const { out } = await verify('--hex', ride.hex, ...given, '--at', String(ride.at))
    expect(JSON.parse(out)).toMatchObject({ outcome: 'admit' })
  })
})

describe('ankang', () => {
  it('lists the commands of the packages that are here', async () => {
    const { exitCode, out } = await runCommand(commands, ['--help'])
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/verify {2}检查一个码/)])
  })

  it('answers an unknown command with the list and exit code 2', async () => {
    const { exitCode, err } = await runCommand(commands, ['verfy'])
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/no such command: verfy[\s\S]*verify/)])
  })
})
