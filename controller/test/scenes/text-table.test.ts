import { expect, it } from 'vitest'
import { textTable } from '../../src/scenes/text-table.ts'

it('keeps columns straight beside characters that stand wide', () => {
  expect(
    textTable([
      ['', '人次', 'net'],
      ['合计', '7', '10.00'],
      ['line 8', '12345', '1.00'],
    ]),
  ).toBe('         人次    net\n合计        7  10.00\nline 8  12345   1.00\n')
})

it('is empty without rows', () => {
  expect(textTable([])).toBe('')
})
