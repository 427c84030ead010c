import { desiredFormat, equalBytes, exportEd25519, importEd25519, privateKeyFromSeed } from '@ankang/protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { boxRemains, orderBox, orderTrust, turns } from '../fixtures/order-box.ts'
import { kidOf, NOW_SECONDS, strangerKey, testTrust } from '../fixtures/test-world.ts'

describe('the desired state', () => {
  it('is applied, kept, recorded and reported', async () => {
    const box = await orderBox()
    expect(box.reported()).toEqual({ version: 0, appliedMs: null, config: {} })
    const message = box.desired(3, { logLevel: 'debug', headSeconds: 60 })
    await box.give(message, 'desired')
    expect(box.levels.at(-1)).toBe('debug')
    expect(box.keep.kept).toEqual({ lockdown: false, desired: message })
    expect(box.records('trust')).toEqual([['desired-applied', { 1: 3 }]])
    expect(box.reported()).toEqual({
      version: 3,
      appliedMs: NOW_SECONDS * 1000,
      config: { logLevel: 'debug', headSeconds: 60 },
    })
    expect(box.link.said.find(({ channel }) => channel === 'reported')).toMatchObject({ retain: true })
  })

  it('sets the pace of health and heads at once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const box = await orderBox()
    await box.give(box.desired(1, { healthSeconds: 5, headSeconds: 10 }), 'desired')
    const before = { health: box.link.saidOn('health').length, head: box.link.saidOn('head').length }
    vi.advanceTimersByTime(20_000) // the box's own clock stands, so that no head is due for what was written
    expect(box.link.saidOn('health')).toHaveLength(before.health + 4)
    expect(box.link.saidOn('head')).toHaveLength(before.head + 2)
    await box.give(box.desired(2, {}), 'desired')
    vi.advanceTimersByTime(20_000)
    expect(box.link.saidOn('health')).toHaveLength(before.health + 4)
  })

  it('comes again with each connection and changes nothing then; what is in force is reported each time', async () => {
    const box = await orderBox()
    const message = box.desired(1, { logLevel: 'warn' })
    await box.give(message, 'desired')
    const said = box.link.saidOn('reported').length
    await box.give(message, 'desired')
    expect(box.link.saidOn('reported')).toHaveLength(said)
    box.link.up()
    await turns()
    expect(box.link.saidOn('reported')).toHaveLength(said + 1)
    expect(box.records('trust')).toHaveLength(1)
    expect(box.alarms()).toEqual([])
  })

  it('is in force after a restart, verified again; keys left out are as the box’s own file says', async () => {
    const remains = boxRemains()
    const first = await orderBox({ remains })
    await first.give(first.desired(1, { logLevel: 'error' }), 'desired')
    const second = await orderBox({ remains, run: 1 })
    expect(second.levels).toEqual(['info', 'error'])
    expect(second.reported()).toMatchObject({ version: 1, config: { logLevel: 'error' } })
    await second.give(second.desired(2, { healthSeconds: 60 }), 'desired')
    expect(second.levels.at(-1)).toBe('info')
    expect(second.records('trust')).toHaveLength(2)
  })

  it('is dropped with an alarm when the key that signed it is delegated no more', async () => {
    const remains = boxRemains()
    const first = await orderBox({ remains })
    await first.give(first.desired(1, { logLevel: 'error' }), 'desired')
    const trust = {
      ...testTrust(orderTrust.countyKey?.publicKey),
      delegated: (use: Parameters<typeof orderTrust.delegated>[0], kid: Uint8Array) =>
        use === 'desired' ? null : orderTrust.delegated(use, kid),
    }
    const second = await orderBox({ remains, trust, run: 1 })
    expect(second.levels).toEqual(['info'])
    expect(second.alarms()).toEqual([['order', 'the kept desired state is dropped: unknown-signer']])
    expect(remains.keep.kept.desired).toBeNull()
    expect(second.reported()).toMatchObject({ version: 0 })
  })

  it('is the same one when the centre signs it anew under its next key, and outlives the end of the first', async () => {
    const nextKey = privateKeyFromSeed(new Uint8Array(32).fill(77))
    const publicKey = exportEd25519(nextKey)
    const key = importEd25519(publicKey)
    if (key === null) throw new TypeError('expected a key')
    const next = { kid: kidOf(nextKey), publicKey, key }
    const plain = testTrust(orderTrust.countyKey?.publicKey)
    const trusting = (isFirstGone: boolean) => ({
      ...plain,
      delegated: (use: Parameters<typeof orderTrust.delegated>[0], kid: Uint8Array) => {
        if (use === 'desired' && equalBytes(kid, next.kid)) return next
        return use === 'desired' && isFirstGone ? null : orderTrust.delegated(use, kid)
      },
    })
    const remains = boxRemains()
    const box = await orderBox({ remains, trust: trusting(false) })
    await box.give(box.desired(2, { logLevel: 'error' }), 'desired')
    const anew = { device: 'door-1', version: 2, issuedAt: NOW_SECONDS + 60, config: { logLevel: 'error' } }
    await box.give(desiredFormat.encode(anew, nextKey, next.kid), 'desired')
    await box.give(box.desired(2, { logLevel: 'error' }), 'desired')
    expect(box.alarms()).toEqual([])
    expect(box.reported()).not.toHaveProperty('error')
    const later = await orderBox({ remains, trust: trusting(true), run: 1 })
    expect(later.reported()).toMatchObject({ version: 2, config: { logLevel: 'error' } })
  })

  it.each([
    ['an older version', 1],
    ['the same version with other contents', 2],
  ])('is not taken back to %s, also after a restart', async (_, version) => {
    const remains = boxRemains()
    const first = await orderBox({ remains })
    const old = first.desired(version, { logLevel: 'debug' })
    await first.give(first.desired(2, { logLevel: 'error' }), 'desired')
    for (const box of [first, await orderBox({ remains, run: 1 })]) {
      await box.give(old, 'desired')
      expect(box.levels.at(-1)).toBe('error')
      expect(box.reported()).toMatchObject({
        version: 2,
        error: { version, detail: expect.stringMatching(/^version-rollback/) },
      })
      expect(box.alarms()).toEqual([['order', 'desired not heeded: version-rollback']])
    }
  })

  it.each<[string, Record<string, string | number>, RegExp]>([
    ['a key it does not know', { logLevel: 'debug', constructor: 1 }, /config-invalid: config: constructor/],
    ['a value out of range', { healthSeconds: 1 }, /config-invalid: config: healthSeconds/],
    ['a level that is none', { logLevel: 'loud' }, /config-invalid: config: logLevel/],
  ])('stays the old one at %s, and the error is reported', async (_, config, detail) => {
    const box = await orderBox()
    await box.give(box.desired(1, { logLevel: 'warn' }), 'desired')
    await box.give(box.desired(2, config), 'desired')
    expect(box.levels.at(-1)).toBe('warn')
    expect(box.reported()).toMatchObject({
      version: 1,
      config: { logLevel: 'warn' },
      error: { version: 2, detail: expect.stringMatching(detail) },
    })
    await box.give(box.desired(3, { logLevel: 'debug' }), 'desired')
    expect(box.reported()).not.toHaveProperty('error')
  })

  it('stays the old one when the new one cannot be kept', async () => {
    const box = await orderBox()
    box.keep.failure.begin()
    await box.give(box.desired(1, { logLevel: 'debug' }), 'desired')
    expect(box.levels).toEqual(['info'])
    expect(box.reported()).toMatchObject({
      version: 0,
      error: { version: 1, detail: expect.stringMatching(/not-kept/) },
    })
    box.keep.failure.end()
    await box.give(box.desired(1, { logLevel: 'debug' }), 'desired')
    expect(box.reported()).toMatchObject({ version: 1 })
  })

  it('is not heeded from a stranger, and makes no noise when it is repeated', async () => {
    const box = await orderBox()
    const said = box.link.saidOn('reported').length
    for (let copy = 0; copy < 3; copy++) await box.give(box.desired(9, { logLevel: 'debug' }, strangerKey), 'desired')
    expect(box.levels).toEqual(['info'])
    expect(box.link.saidOn('reported')).toHaveLength(said)
    expect(box.alarms()).toEqual([['order', 'desired not heeded: unknown-signer']])
  })
})
