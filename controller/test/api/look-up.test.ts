import { sha256, toHex } from '@ankang/protocol'
import { expect, it } from 'vitest'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { apiStand, browserOf } from './fixtures/api-stand.ts'

const tag = sha256(Buffer.from('showing 2')).subarray(0, 8)
const purpose = '投诉第十二号 complaint 12'

async function hall() {
  const door = new SigningDevice().write(3)
  const stand = await apiStand({ devices: [door] })
  await stand.hall.send(door, door.batch(1, 3))
  return { stand, auditor: await browserOf(stand, 'auditor') }
}

it('tells what became of a showing, and leaves a trace of who asked, for what and why', async () => {
  const { stand, auditor } = await hall()
  const { status, json } = await auditor.post('/api/look-ups', { tag: toHex(tag), purpose })
  expect(status).toBe(200)
  expect(json.showings).toEqual([expect.objectContaining({ device: 'hall-door-1', seq: 2, zh: '请通行' })])
  expect(stand.audit.read(null, 1)[0]).toMatchObject({
    actor: 'auditor',
    action: 'showing.look-up',
    subject: toHex(tag),
    purpose,
    ok: true,
    detail: { found: 1 },
  })
})

it('leaves a trace of who asked for what is not there', async () => {
  const { stand, auditor } = await hall()
  const { json } = await auditor.post('/api/look-ups', { tag: '0'.repeat(16), purpose })
  expect(json).toEqual({ showings: [] })
  expect(stand.audit.read(null, 1)[0]).toMatchObject({ action: 'showing.look-up', detail: { found: 0 } })
})

it('shows nothing when the trace cannot be kept', async () => {
  const { stand, auditor } = await hall()
  stand.hall.store.db.exec(
    "CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'the disk is full'); END",
  )
  const { status, text } = await auditor.post('/api/look-ups', { tag: toHex(tag), purpose })
  expect(status).toBe(500)
  expect(text).not.toMatch(/hall-door-1|请通行|disk/)
})

it.each([
  ['no purpose', { tag: toHex(tag) }],
  ['a purpose of blanks', { tag: toHex(tag), purpose: '      ' }],
  ['half a tag', { tag: toHex(tag).slice(8), purpose }],
  ['a tag of other signs', { tag: 'zzzzzzzzzzzzzzzz', purpose }],
])('is not to be had with %s', async (_what, body) => {
  const { stand, auditor } = await hall()
  expect((await auditor.post('/api/look-ups', body)).status).toBe(400)
  expect(stand.traces(/look-up/)).toEqual([])
})
