import { decodeEnrolmentCode } from '@ankang/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { Route, RouteAnswer } from '../../src/api/route.ts'
import { deviceIdentity, identityOf } from '../../src/identity/device-identity.ts'
import { enrolmentRoutes } from '../../src/identity/enrolment-routes.ts'
import { revokeDevice } from '../../src/identity/revoke-device.ts'
import type { Principal } from '../../src/people/principal.ts'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { enrolmentStand } from '../fixtures/enrolment-stand.ts'

const TECHNICIAN: Principal = { actor: 'wang', role: 'technician' }

/** Calls routes as the server does: what comes in is checked before, what goes out after. */
async function routesOf() {
  const stand = await enrolmentStand()
  const routes = enrolmentRoutes({ desk: stand.desk, revoke: revocation => revokeDevice(stand, revocation) })
  const call = async (method: Route['method'], path: string, given: { body?: unknown; params?: unknown } = {}) => {
    const route = routes.find(one => one.method === method && one.path === path)
    if (route === undefined) throw new RangeError(`expected a route ${method} ${path}`)
    const read = (schema: v.GenericSchema | undefined, value: unknown) =>
      schema === undefined ? undefined : v.parse(schema, value)
    const answer = (await route.handle({
      principal: route.access === 'public' ? null : TECHNICIAN,
      body: read(route.body, given.body),
      query: read(route.query, {}),
      params: read(route.params, given.params),
      remoteAddress: '192.0.2.1',
    })) as RouteAnswer<Record<string, unknown>>
    if (answer.ok) v.parse(route.answer, answer.json)
    else expect(route.refusals).toContain(answer.error)
    return answer
  }
  return { stand, routes, call }
}

const jsonOf = (answer: RouteAnswer<Record<string, unknown>>): Record<string, unknown> => {
  if (!answer.ok) throw new RangeError(answer.message)
  return answer.json
}

describe('enrolment over the API', () => {
  it('goes from a code with its picture to a certificate, a renewal and a revocation', async () => {
    const { stand, call } = await routesOf()
    const created = jsonOf(
      await call('POST', '/api/enrolment-codes', { body: { site: 'hall', device: 'hall-door-1', minutes: 5 } }),
    )
    expect(created['qrSvg']).toMatch(/^<svg /)
    expect(created['qr']).toMatch(/^AKE1:[0-9A-Z]{55}$/)
    const anchors = jsonOf(await call('GET', '/enrolment/anchors'))
    expect(anchors['ca']).toBe(stand.authority.certificatePem)
    expect(decodeEnrolmentCode(String(created['typed'])).ok).toBe(true)
    const box = await EnrollingBox.make()
    const enrolled = jsonOf(await call('POST', '/enrolment', { body: await box.request(String(created['typed'])) }))
    expect(enrolled['certificate']).toMatch(/^-----BEGIN CERTIFICATE-----/)
    const renewed = jsonOf(await call('POST', '/enrolment/renewal', { body: await box.renewal() }))
    expect(renewed).toEqual(enrolled)
    const { codes } = jsonOf(await call('GET', '/api/enrolment-codes')) as { codes: readonly object[] }
    expect(codes).toMatchObject([{ device: 'hall-door-1', createdBy: 'wang', usedMs: stand.clock.nowMs }])
    expect(Object.keys(codes[0] ?? {}).join()).not.toMatch(/secret/i)
    const params = { device: 'hall-door-1' }
    const revoked = jsonOf(
      await call('POST', '/api/devices/:device/revocation', { params, body: { reason: '被盗 stolen' } }),
    )
    expect(revoked).toEqual({ device: 'hall-door-1', revoked: { timeMs: stand.clock.nowMs, reason: '被盗 stolen' } })
    expect(identityOf(stand.registry, 'hall-door-1')).toMatchObject({
      revoked: { reason: '被盗 stolen' },
      certificates: [{ revokedMs: stand.clock.nowMs }],
      keys: [{ endReason: 'revoked' }],
    })
    v.parse(deviceIdentity, identityOf(stand.registry, 'hall-door-1'))
    expect(identityOf(stand.registry, 'constructor')).toBeNull()
  })

  it('answers refusals with their code and a status that fits', async () => {
    const { call } = await routesOf()
    const params = { device: 'hall-door-1' }
    const refusals = [
      await call('DELETE', '/api/enrolment-codes/:device', { params }),
      await call('POST', '/api/devices/:device/revocation', { params, body: { reason: 'stolen' } }),
      await call('POST', '/enrolment/renewal', { body: await (await EnrollingBox.make()).renewal() }),
    ]
    expect(refusals.map(answer => !answer.ok && [answer.status, answer.error])).toEqual([
      [404, 'code-unknown'],
      [404, 'device-unknown'],
      [404, 'device-unknown'],
    ])
  })

  it('makes no code for a live box, nor takes a wish to replace it from any role', async () => {
    const { stand, call } = await routesOf()
    const body = { site: 'hall', device: 'hall-door-1' }
    const { typed } = jsonOf(await call('POST', '/api/enrolment-codes', { body }))
    jsonOf(await call('POST', '/enrolment', { body: await (await EnrollingBox.make()).request(String(typed)) }))
    const refused = { ok: false, status: 409, error: 'device-enrolled' }
    expect(await call('POST', '/api/enrolment-codes', { body })).toMatchObject(refused)
    await expect(call('POST', '/api/enrolment-codes', { body: { ...body, replace: true } })).rejects.toThrow(/replace/)
    revokeDevice(stand, { device: 'hall-door-1', reason: '被盗 stolen', actor: 'zhao' })
    expect(await call('POST', '/api/enrolment-codes', { body })).toMatchObject({ ok: true })
  })

  it('is open to anybody where a box comes, and to its own permissions elsewhere', async () => {
    const { routes } = await routesOf()
    expect(Object.fromEntries(routes.map(({ method, path, access }) => [`${method} ${path}`, access]))).toEqual({
      'GET /enrolment/anchors': 'public',
      'POST /enrolment': 'public',
      'POST /enrolment/renewal': 'public',
      'POST /api/enrolment-codes': ['device:enrol'],
      'GET /api/enrolment-codes': ['device:enrol'],
      'DELETE /api/enrolment-codes/:device': ['device:enrol'],
      'POST /api/devices/:device/revocation': ['device:revoke'],
    })
  })
})
