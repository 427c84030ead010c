import { stripVTControlCharacters } from 'node:util'
import { decodeFrame } from '@ankang/device/parts'
import { utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { SeededDraw } from '../../src/city/seeded-draw.ts'
import { CAMERA_FRAME } from '../../src/home/device-config.ts'
import { type QrMatrix, QUIET_ZONE_MODULES, qrMatrix } from '../../src/phone/qr-matrix.ts'
import { encodePng, qrPicture } from '../../src/phone/qr-picture.ts'
import { terminalQr } from '../../src/phone/terminal-qr.ts'
import { SCENARIOS, stageScenario } from '../../src/scenarios/scenario-table.ts'
import { stageMaker } from '../../src/scenarios/schedule.ts'
import { codeFrame, drawPose, emptyFrame } from '../../src/virtual/camera-frame.ts'
import { NOW, testCity } from '../fixtures/test-city.ts'

const draw = new SeededDraw(new Uint8Array(32), 'pictures')
const stage = stageMaker(testCity(5000), 'hall', draw)(NOW)
const texts = SCENARIOS.flatMap(scenario => stageScenario(scenario, stage).map(({ text }) => text))
const [phoneText = ''] = texts

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
    expect(await decodeFrame(qrPicture(qrMatrix(phoneText), 6), 'quick')).toEqual(utf8(phoneText))
  })

  it('is read back from what the terminal draws', async () => {
    const drawn = matrixOfTerminal(terminalQr(qrMatrix(phoneText)))
    expect(await decodeFrame(qrPicture(drawn, 6), 'quick')).toEqual(utf8(phoneText))
  })

  it('states both its colours on every line of the terminal', () => {
    for (const line of terminalQr(qrMatrix(phoneText)).split('\n'))
      expect(line).toBe(`\u001b[38;5;16;48;5;231m${stripVTControlCharacters(line)}\u001b[0m`)
  })

  it('is a PNG when written to a file', async () => {
    const png = await encodePng(qrPicture(qrMatrix(phoneText), 2))
    expect(png.subarray(1, 4).toString()).toBe('PNG')
  })

  it('packs AK1 texts as alphanumeric, a third denser than bytes', () => {
    expect(qrMatrix(phoneText).size).toBeLessThan(qrMatrix(phoneText.toLowerCase()).size)
  })
})

describe('the virtual camera’s frame', () => {
  it('is read with the quick options, for every kind of code and wherever it lies', async () => {
    for (const [seed, text] of texts.entries()) {
      const pixels = await codeFrame(text, CAMERA_FRAME, drawPose(draw), seed)
      expect(pixels).toHaveLength(640 * 480)
      expect(await decodeFrame({ ...CAMERA_FRAME, pixels }, 'quick')).toEqual(utf8(text))
    }
  })

  it('is noisy: two frames of one code differ', async () => {
    const pose = drawPose(draw)
    const frames = await Promise.all([1, 2].map(seed => codeFrame(phoneText, CAMERA_FRAME, pose, seed)))
    expect(frames[0]).not.toEqual(frames[1])
  })

  it('holds nothing when nobody is there', async () => {
    expect(await decodeFrame({ ...CAMERA_FRAME, pixels: emptyFrame(CAMERA_FRAME, 3) }, 'full')).toBeNull()
  })
})
