import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENROLMENT_REFUSALS } from '@ankang/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { enrolCommand } from '../../src/commands/enrol.ts'
import { ENROLMENT_WORDS } from '../../src/enrolment/enrolment-words.ts'
import { runCommand } from '../fixtures/run-command.ts'
import { serveCentre, testCentre } from '../fixtures/test-centre.ts'

/** A box beside a centre that really listens, and `ankang enrol` on it. */
async function box(controller?: object) {
  const centre = await testCentre()
  const served = await serveCentre(centre)
  const folder = mkdtempSync(join(tmpdir(), 'ankang-enrol-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      site: 'hall',
      device: 'door-1',
      scene: 'hall-door',
      keyFile: 'device.key',
      trustFile: 'trust.json',
      policyFile: 'policy.json',
      journal: { file: 'journal.sqlite' },
      controller: controller ?? { url: 'mqtts://127.0.0.1:8883', enrolUrl: served.url },
      readers: [{ kind: 'line', name: 'scanner', path: 'scanner' }],
    }),
  )
  const run = (...argv: readonly string[]) => runCommand([enrolCommand], ['enrol', '--config', config, ...argv])
  return { centre, served, folder, run, at: (name: string) => join(folder, name) }
}

it('enrols a box with a typed code, step by step, and tells what it has then', async () => {
  const { centre, folder, run, at } = await box()
  const { exitCode, out, err } = await run('--code', centre.newCode().typed)
  expect([exitCode, err]).toEqual([0, ''])
  expect(out).toMatch(
    /读取中心[\s\S]*与入网码相符[\s\S]*申请证书[\s\S]*保存[\s\S]*入网成功 enrolled\n设备 device {3}door-1\n地点 site {5}hall\n/,
  )
  expect(readdirSync(folder).sort()).toEqual(
    ['ca.crt', 'client.crt', 'client.crt.desk', 'client.key', 'config.json', 'device.key', 'trust.json'].sort(),
  )
  expect(readFileSync(at('trust.json'), 'utf8')).toBe(centre.anchors.trust)
})

it('answers programs with one line of JSON, and shows the certificate again when asked', async () => {
  const { centre, run } = await box()
  expect(await run('--status', '--json')).toEqual({ exitCode: 1, out: '{"enrolled":false}\n', err: '' })
  const enrolled = await run('--qr', centre.newCode().qr, '--json')
  expect(enrolled).toMatchObject({ exitCode: 0, err: '' })
  expect(JSON.parse(enrolled.out)).toMatchObject({ enrolled: true, device: 'door-1', site: 'hall', daysLeft: 89 })
  expect(await run('--status', '--json')).toEqual(enrolled)
  expect((await run('--status')).out).toMatch(/到期 expires {2}20.*还有 89 天/)
})

it('finds the centre at --url, and remembers it', async () => {
  const { centre, served, run, at } = await box({ url: 'mqtts://127.0.0.1:8883' })
  expect(await run('--code', centre.newCode().typed, '--url', served.url)).toMatchObject({ exitCode: 0 })
  expect(JSON.parse(readFileSync(at('client.crt.desk'), 'utf8'))).toEqual({ deskUrl: served.url })
  expect(await run('--code', centre.newCode().typed)).toMatchObject({ exitCode: 0 })
})

it.each(ENROLMENT_REFUSALS)('says in both languages what %s means and what to do', async refusal => {
  const { centre, run } = await box()
  centre.refusal = refusal
  const { exitCode, err } = await run('--code', centre.newCode().typed)
  const { zh, en, hintZh, hintEn } = ENROLMENT_WORDS[refusal]
  expect(exitCode).toBe(1)
  expect(err).toBe(`未入网 not enrolled: ${zh} ${en}；${hintZh} ${hintEn} [${refusal}]\n`)
})

it('says what to do when nobody answers, and tells programs by a code', async () => {
  const { centre, served, run } = await box()
  await served.close()
  const { exitCode, out, err } = await run('--code', centre.newCode().typed, '--json')
  expect(exitCode).toBe(1)
  expect(JSON.parse(out)).toMatchObject({ enrolled: false, refusal: 'desk-unreachable' })
  expect(err).toMatch(/no answer from 127\.0\.0\.1.*\n未入网 not enrolled: 连不上中心/)
})

it.each<[string, readonly string[], RegExp]>([
  ['no code', [], /either --code or --qr/],
  ['two codes', ['--code', 'x', '--qr', 'y'], /either --code or --qr/],
  ['an address that is not HTTPS', ['--code', 'x', '--url', 'http://x'], /expected https:/],
])('refuses %s', async (_, argv, message) => {
  const { run } = await box()
  expect(await run(...argv)).toMatchObject({ exitCode: 2, err: expect.stringMatching(message) })
})

it('refuses a box that needs no certificate, and a key that others can read', async () => {
  const plain = await box({ url: 'mqtt://127.0.0.1:9' })
  expect(await plain.run('--status')).toMatchObject({ exitCode: 2, err: expect.stringMatching(/mqtts:\/\/host:port/) })
  const { centre, run, at } = await box()
  writeFileSync(at('client.key'), 'x', { mode: 0o644 })
  expect(await run('--code', centre.newCode().typed)).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/client\.key: expected to be readable by its owner alone/),
  })
})
