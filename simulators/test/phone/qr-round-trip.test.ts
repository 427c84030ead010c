import { stripVTControlCharacters } from 'node:util'
import { decodeFrame } from '@ankang/device/parts'
import { toHex, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { SeededDraw } from '../../src/city/seeded-draw.ts'
import { CAMERA_FRAME } from '../../src/home/device-config.ts'
import { type QrMatrix, QUIET_ZONE_MODULES, qrMatrix } from '../../src/phone/qr-matrix.ts'
import { encodePng, qrPicture } from '../../src/phone/qr-picture.ts'
import { terminalQr } from '../../src/phone/terminal-qr.ts'
import { rideCode } from '../../src/ride/ride-code-making.ts'
import { SCENARIOS, stageScenario } from '../../src/scenarios/scenario-table.ts'
import { stageMaker } from '../../src/scenarios/schedule.ts'
import { codeFrame, drawPose, emptyFrame } from '../../src/virtual/camera-frame.ts'
import { NOW, testCity } from '../fixtures/test-city.ts'
import { riderOf, testRidePlatform } from '../fixtures/test-ride-platform.ts'

const draw = new SeededDraw(new Uint8Array(32), 'pictures')
const stage = stageMaker(testCity(5000), 'hall', draw)(NOW)
const codes = SCENARIOS.flatMap(scenario => stageScenario(scenario, stage).map(({ code }) => code))
const [phoneCode = new Uint8Array(0)] = codes

const rides = testRidePlatform()
/** Ride codes of both regimes, with custom fields of 0 to 32 bytes: 332 to 364 bytes in all, of any value. */
const rideCodes = (['county', 'neighbour'] as const).flatMap(issuer =>
  Array.from({ length: 33 }, (_, customBytes) => {
    const custom = Uint8Array.from({ length: customBytes }, () => draw.below(256))
    return rideCode(rides, riderOf(rides, issuer), NOW, { changes: { custom } })
  }),
)

/** The symbol that a terminal's half blocks draw, quiet zone taken off. */
function matrixOfTerminal(drawn: string): QrMatrix {
  const lines = drawn.split('\n').map(line => stripVTControlCharacters(line))
  const rows = lines.flatMap(line => [
    [...line].map(c => c === '█' || c === '▀'),
    [...line].map(c => c === '█' || c === '▄'),
  ])
  const quiet = QUIET_ZONE_MODULES
  return {
    size: (lines[0]?.length ?? 0) - 2 * quiet,
    isDark: (row, column) => rows[row + quiet]?.[column + quiet] ?? false,
  }
}

describe('a code in a picture', () => {
  it('is read back from the phone’s picture', async () => {
    expect(await decodeFrame(qrPicture(qrMatrix(phoneCode), 6), 'quick')).toEqual(phoneCode)
  })

  it('is read back from what the terminal draws', async () => {
    const drawn = matrixOfTerminal(terminalQr(qrMatrix(phoneCode)))
    expect(await decodeFrame(qrPicture(drawn, 6), 'quick')).toEqual(phoneCode)
  })

  it('states both its colours on every line of the terminal', () => {
    for (const line of terminalQr(qrMatrix(phoneCode)).split('\n'))
      expect(line).toBe(`\u001b[38;5;16;48;5;231m${stripVTControlCharacters(line)}\u001b[0m`)
  })

  it('is a PNG when written to a file', async () => {
    const png = await encodePng(qrPicture(qrMatrix(phoneCode), 2))
    expect(png.subarray(1, 4).toString()).toBe('PNG')
  })

  it('packs AK1 texts as alphanumeric, a third denser than bytes', () => {
    const inLowerCase = utf8(Buffer.from(phoneCode).toString().toLowerCase())
    expect(qrMatrix(phoneCode).size).toBeLessThan(qrMatrix(inLowerCase).size)
  })

  it('may be any byte: a ride code is read back from the phone’s picture and from what the terminal draws', async () => {
    for (const code of [rideCodes[0], rideCodes.at(-1), Uint8Array.from({ length: 256 }, (_, byte) => byte)]) {
      const matrix = qrMatrix(code ?? phoneCode)
      expect(await decodeFrame(qrPicture(matrix, 6), 'quick')).toEqual(code)
      expect(await decodeFrame(qrPicture(matrixOfTerminal(terminalQr(matrix)), 6), 'quick')).toEqual(code)
    }
  })
})

describe('the virtual camera’s frame', () => {
  it('is read with the quick options, for every kind of code and wherever it lies', async () => {
    for (const [seed, code] of codes.entries()) {
      const pixels = await codeFrame(code, CAMERA_FRAME, drawPose(draw), seed)
      expect(pixels).toHaveLength(640 * 480)
      expect(await decodeFrame({ ...CAMERA_FRAME, pixels }, 'quick')).toEqual(code)
    }
  })

  it('gives a ride code of every length back to the byte, in both regimes', async () => {
    expect(new Set(rideCodes.map(code => code.length))).toEqual(new Set(Array.from({ length: 33 }, (_, n) => 332 + n)))
    for (const [seed, code] of rideCodes.entries()) {
      const pixels = await codeFrame(code, CAMERA_FRAME, drawPose(draw), seed)
      const read = await decodeFrame({ ...CAMERA_FRAME, pixels }, 'quick')
      expect(read === null ? 'nothing' : toHex(read), `${code.length} bytes`).toBe(toHex(code))
    }
  })

  it('is noisy: two frames of one code differ', async () => {
    const pose = drawPose(draw)
    const frames = await Promise.all([1, 2].map(seed => codeFrame(phoneCode, CAMERA_FRAME, pose, seed)))
    expect(frames[0]).not.toEqual(frames[1])
  })

  it('holds nothing when nobody is there', async () => {
    expect(await decodeFrame({ ...CAMERA_FRAME, pixels: emptyFrame(CAMERA_FRAME, 3) }, 'full')).toBeNull()
  })
})
