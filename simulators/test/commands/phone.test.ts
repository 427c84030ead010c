import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue, compileTrust, parsePolicy, parseTrustFile, recognise, utf8, verify } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { phone } from '../../src/commands/phone.ts'
import { openCity } from '../../src/home/city-home.ts'
import { HALL_POLICY } from '../../src/home/hall-policy.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { testIo } from '../fixtures/test-io.ts'

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

describe('ankang phone show', () => {
  it('prints a code that a door of the same home believes', async () => {
    const home = temporaryFolder()
    const io = testIo(home)
    const code = await phone.run(['show', '--resident', '3', '--home', home, '--site', 'hall', '--json'], io)
    const shown = JSON.parse(io.printed.out)
    const city = openCity(home)
    expect(code).toBe(0)
    expect(shown).toMatchObject({ kind: city.resident(3).kind, maskedName: city.resident(3).maskedName })
    expect(shown.rotatesAt - shown.shownAt).toBe(30)
    const recognition = recognise({ bytes: utf8(shown.text) }, catalogue.families)
    if (!recognition.ok) expect.fail(recognition.detail)
    const verification = verify(recognition.claimed, {
      trust: compileTrust(parseTrustFile({ version: 1, ...city.publish(nowSeconds()) })),
      policy: parsePolicy(HALL_POLICY, catalogue),
      now: shown.shownAt,
      site: 'hall',
      challenge: null,
    })
    expect(verification).toMatchObject({ ok: true, presentation: { site: 'hall' } })
  })

  it('draws the code with masked name, colour word and seconds left, and ends when nobody watches', async () => {
    const home = temporaryFolder()
    const io = testIo(home)
    expect(await phone.run(['show', '--resident', '0', '--home', home], io)).toBe(0)
    const { maskedName } = openCity(home).resident(0)
    expect(io.printed.out).toContain('▀')
    expect(io.printed.out.trimEnd().split('\n').at(-1)).toMatch(
      /^.+ {3}(绿码 green|黄码 yellow|红码 red|已作废 revoked) {3}剩余 30 秒 · 30 s left$/,
    )
    expect(io.printed.out).toContain(maskedName)
  })

  it('goes on while somebody watches, until Ctrl-C', async () => {
    const home = temporaryFolder()
    const io = testIo(home, true)
    const running = phone.run(['show', '--resident', '0', '--home', home], io)
    await expect.poll(() => io.printed.out).toContain('s left')
    io.interrupt()
    expect(await running).toBe(0)
  })

  it('writes a picture and exits', async () => {
    const home = temporaryFolder()
    const io = testIo(home, true)
    expect(await phone.run(['show', '--resident', '0', '--home', home, '--png', 'code.png'], io)).toBe(0)
    expect(readFileSync(join(home, 'code.png')).subarray(1, 4).toString()).toBe('PNG')
    expect(io.printed.out).toBe('')
  })

  it.each([
    [['show'], /--resident N is missing/],
    [['show', '--resident', '5000'], /from 0 to 4999/],
    [['show', '--resident', '-1'], /resident/],
    [['hide', '--resident', '1'], /ankang phone show or ankang phone ride/],
    [['toString'], /ankang phone show or ankang phone ride/],
    [[], /ankang phone show or ankang phone ride/],
    [['show', '--resident', '1', '--challenge', 'abc'], /8 to 32 bytes as hex/],
    [['show', '--resident', '1', '--site', 'The Hall'], /--site: expected a-z/],
  ])('refuses %j', async (argv, message) => {
    const home = temporaryFolder()
    await expect(phone.run([...argv, '--home', home], testIo(home))).rejects.toThrow(message)
  })
})
