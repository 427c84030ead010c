import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { phone } from '../../src/commands/phone.ts'
import { openRidePlatform, RIDERS } from '../../src/ride/ride-home.ts'
import { RIDE_ISSUERS } from '../../src/ride/ride-issuers.ts'
import { checkRide, rideTrust } from '../fixtures/ride-check.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { testIo } from '../fixtures/test-io.ts'

describe('ankang phone ride', () => {
  it('prints a code that a bus of the same home believes, and whose it is', async () => {
    const home = temporaryFolder()
    const io = testIo(home)
    expect(await phone.run(['ride', '--account', '3', '--home', home, '--json'], io)).toBe(0)
    const shown = JSON.parse(io.printed.out)
    const platform = openRidePlatform(home)
    const { issuer, type, singleRideLimitFen } = platform.rider(3)
    expect(shown).toMatchObject({ issuer: RIDE_ISSUERS[issuer].id, type, singleRideLimitFen })
    expect(shown.rotatesAt - shown.shownAt).toBe(30)
    const code = parseHex(shown.hex) ?? expect.fail('no hex')
    expect(checkRide(code, rideTrust(platform), shown.shownAt)).toMatchObject({
      ok: true,
      presentation: { shownAt: shown.shownAt, expiresAt: shown.expiresAt, account: { type, singleRideLimitFen } },
    })
  })

  it('prints the bytes that a scanner delivers, and nothing else', async () => {
    const home = temporaryFolder()
    const io = testIo(home)
    expect(await phone.run(['ride', '--home', home, '--hex'], io)).toBe(0)
    expect(io.printed.out).toMatch(/^8[01]0149[0-9a-f]{658}\n$/)
    expect(io.printed.err).toMatch(/made a new ride platform/)
  })

  it('draws the code with the kind of account, its limit and seconds left, and ends when nobody watches', async () => {
    const home = temporaryFolder()
    const io = testIo(home)
    expect(await phone.run(['ride', '--account', '0', '--home', home], io)).toBe(0)
    expect(io.printed.out).toContain('▀')
    expect(io.printed.out.trimEnd().split('\n').at(-1)).toMatch(
      /^.+乘车码 .+ {3}单次限额 \d+\.\d\d 元 · up to ¥\d+\.\d\d a ride {3}剩余 30 秒 · 30 s left$/,
    )
  })

  it('goes on while somebody watches, until Ctrl-C', async () => {
    const home = temporaryFolder()
    const io = testIo(home, true)
    const running = phone.run(['ride', '--home', home], io)
    await expect.poll(() => io.printed.out).toContain('s left')
    io.interrupt()
    expect(await running).toBe(0)
  })

  it('writes a picture and exits', async () => {
    const home = temporaryFolder()
    const io = testIo(home, true)
    expect(await phone.run(['ride', '--home', home, '--png', 'ride.png'], io)).toBe(0)
    expect(readFileSync(join(home, 'ride.png')).subarray(1, 4).toString()).toBe('PNG')
    expect(io.printed.out).toBe('')
  })

  it.each([
    [['--account', String(RIDERS)], /from 0 to 4999/],
    [['--account', 'x'], /--account/],
    [['--hex', '--json'], /--hex and --json: give one of them/],
    [['--resident', '1'], /Unknown option '--resident'/],
    [['7'], /Unexpected argument '7'/],
  ])('refuses %j', async (argv, message) => {
    const home = temporaryFolder()
    await expect(phone.run(['ride', ...argv, '--home', home], testIo(home))).rejects.toThrow(message)
  })
})
