import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boxRemains, orderBox, turns } from '../fixtures/order-box.ts'

const CLOSED = { kind: 'notice', sign: 'closed', zh: '暂停进入', en: 'Entry closed' }
const lockdown = { id: 'close', name: 'lockdown' }
const release = { id: 'open', name: 'release' }

describe('a lockdown', () => {
  it('lets nobody in, spends no code, and the same code passes after the release', async () => {
    const box = await orderBox()
    await box.give(box.command(lockdown))
    expect(await box.show()).toMatchObject({ outcome: 'deny', reason: 'lockdown' })
    expect(box.relay.movements).toEqual([])
    await box.give(box.command(release))
    expect(await box.show()).toMatchObject({ outcome: 'admit' })
  })

  it('is seen: on the glass, in state and health, and in the answers to who repeats it', async () => {
    const box = await orderBox()
    await box.give(box.command(lockdown))
    expect(box.display.shown.at(-1)).toEqual(CLOSED)
    expect(box.health()).toMatchObject({ lockdown: true })
    const state = JSON.parse(Buffer.from(box.link.saidOn('state').at(-1) ?? []).toString())
    expect(state).toMatchObject({ state: 'ready', detail: 'lockdown' })
    await box.give(box.command({ id: 'close-again' }))
    await box.give(box.command(release))
    await box.give(box.command({ id: 'open-again', name: 'release' }))
    expect(box.results().map(({ detail }) => detail)).toEqual(['done', 'unchanged', 'done', 'unchanged'])
    expect(box.display.shown.at(-1)).toEqual({ kind: 'idle' })
    expect(box.health()).toMatchObject({ lockdown: false })
  })

  it('refuses staff who would open from afar: they release it first', async () => {
    const box = await orderBox()
    await box.sync()
    await box.give(box.command(lockdown))
    await box.give(box.command({ name: 'open-once' }))
    expect(box.relay.movements).toEqual([])
    expect(box.results().at(-1)).toMatchObject({ ok: false, detail: 'lockdown' })
  })

  it('is in force before it is answered, for those who are being let in too', async () => {
    const box = await orderBox()
    let open = (): void => undefined
    const held = new Promise<void>(resolve => {
      open = resolve
    })
    const pulse = box.relay.pulse.bind(box.relay)
    box.relay.pulse = async (output, durationMs) => {
      await held
      return pulse(output, durationMs)
    }
    await box.show(1)
    await box.show(2) // waits behind the first
    await box.give(box.command(lockdown))
    expect(box.results()).toEqual([])
    open()
    await turns()
    expect(box.results()).toMatchObject([{ ok: true, detail: 'done' }])
    const showings = box.log.filter(({ event }) => event === 'showing').map(({ reason }) => reason)
    expect(showings).toEqual(['ok', 'lockdown'])
  })

  it('holds although it cannot be kept or recorded, and says so; a release that cannot be kept does not', async () => {
    const box = await orderBox()
    box.keep.failure.begin()
    box.journal.full = true
    await box.give(box.command(lockdown))
    box.journal.full = false
    expect(await box.show()).toMatchObject({ reason: 'lockdown' })
    await box.give(box.command(release))
    expect(await box.show(2)).toMatchObject({ reason: 'lockdown' })
    box.keep.failure.end()
    await box.give(box.command({ id: 'close-2' })) // what could not be kept is kept now
    await box.give(box.command({ id: 'open-2', name: 'release' }))
    expect(await box.show(3)).toMatchObject({ outcome: 'admit' })
    expect(box.results().map(({ detail }) => detail)).toEqual(['closed-but-not-kept', 'not-kept', 'done', 'done'])
  })

  it('is not released while the release cannot be recorded', async () => {
    const box = await orderBox()
    await box.give(box.command(lockdown))
    box.journal.full = true
    await box.give(box.command(release))
    box.journal.full = false
    expect(box.results().at(-1)).toMatchObject({ ok: false, detail: 'storage-full' })
    expect(await box.show()).toMatchObject({ reason: 'lockdown' })
  })

  it('stands when the keep cannot be read: nobody knows that it was open', async () => {
    const remains = boxRemains()
    remains.keep.spoil()
    const box = await orderBox({ remains })
    expect(box.alarms()).toContainEqual(['storage', expect.stringMatching(/closed until it is released/)])
    expect(await box.show()).toMatchObject({ reason: 'lockdown' })
    await box.give(box.command(release))
    expect(await box.show(2)).toMatchObject({ outcome: 'admit' })
  })

  it('is a state that survives every restart: who was ordered last decides', async () => {
    const event = fc.constantFrom('close', 'open', 'restart', 'show')
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 20 }), async events => {
        const remains = boxRemains()
        let run = 0
        let box = await orderBox({ remains, run })
        let isClosed = false
        let person = 0
        for (const [index, what] of events.entries()) {
          if (what === 'restart') {
            box.link.down() // the power goes: nothing is stopped
            box = await orderBox({ remains, run: ++run })
          } else if (what === 'show') {
            const moved = box.relay.movements.length
            const showing = await box.show(++person)
            expect(showing).toMatchObject(isClosed ? { reason: 'lockdown' } : { outcome: 'admit' })
            expect(box.relay.movements.length > moved).toBe(!isClosed)
          } else {
            isClosed = what === 'close'
            await box.give(box.command({ id: `order-${index}`, name: isClosed ? 'lockdown' : 'release' }))
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
