import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { Route } from '../../src/api/route.ts'
import { auditRoutes } from '../../src/audit/audit-routes.ts'
import { operatorRoutes } from '../../src/people/operator-routes.ts'
import { tokenRoutes } from '../../src/people/token-routes.ts'
import { anEntry } from '../fixtures/audit-stand.ts'
import { member, type PeopleStand, peopleStand } from '../fixtures/people-stand.ts'

async function standWithRoutes() {
  const stand = peopleStand()
  await member(stand, 'chief', 'security-administrator')
  return { stand, ask: asker(stand) }
}

/** Asks as the server does: what a route's schemas refuse never gets there, and what it answers fits its own. */
function asker({ operators, tokens, audit }: PeopleStand) {
  const routes: readonly Route[] = [...operatorRoutes(operators), ...tokenRoutes(tokens), ...auditRoutes(audit)]
  return async (
    method: Route['method'],
    path: string,
    given: { body?: unknown; query?: unknown; params?: unknown } = {},
  ) => {
    const found = routes.find(one => one.method === method && one.path === path)
    if (found === undefined) throw new RangeError(`expected a route ${method} ${path}`)
    const parse = (schema: v.GenericSchema | undefined, value: unknown) =>
      schema === undefined ? undefined : v.parse(schema, value ?? {})
    const answer = await found.handle({
      principal: { actor: 'chief', role: 'security-administrator' },
      body: parse(found.body, given.body),
      query: parse(found.query, given.query),
      params: parse(found.params, given.params),
      remoteAddress: '192.0.2.1',
    })
    if (answer.ok) v.parse(found.answer, answer.json)
    else expect(found.refusals).toContain(answer.error)
    return answer
  }
}

describe('the routes of people', () => {
  it('want a permission each, and the one that it is about', () => {
    const stand = peopleStand()
    const access = (routes: readonly Route[]) => new Set(routes.flatMap(one => one.access))
    expect(access(operatorRoutes(stand.operators))).toEqual(new Set(['operator:manage']))
    expect(access(tokenRoutes(stand.tokens))).toEqual(new Set(['token:manage']))
    expect(access(auditRoutes(stand.audit))).toEqual(new Set(['audit:read']))
  })

  it('make, list, reset, disable and change operators', async () => {
    const { ask } = await standWithRoutes()
    const body = { name: 'li', role: 'viewer' }
    const oneTime = { ok: true, json: { oneTimePassword: expect.stringMatching(/^\w{4}(-\w{4}){4}$/) } }
    expect(await ask('POST', '/api/operators', { body })).toEqual(oneTime)
    expect(await ask('POST', '/api/operators', { body })).toMatchObject({ status: 409, error: 'name-taken' })
    expect(await ask('POST', '/api/operators', { body: { ...body, name: 'Li' } })).toMatchObject({ status: 400 })
    const params = { name: 'li' }
    expect(await ask('POST', '/api/operators/:name/reset', { params })).toEqual(oneTime)
    expect(await ask('PUT', '/api/operators/:name/role', { params, body: { role: 'auditor' } })).toEqual({
      ok: true,
      json: {},
    })
    const disable = { params, body: { disabled: true } }
    expect(await ask('POST', '/api/operators/:name/disabled', disable)).toEqual({ ok: true, json: {} })
    expect(await ask('GET', '/api/operators')).toMatchObject({
      json: {
        operators: [
          { name: 'chief', disabledMs: null },
          { name: 'li', role: 'auditor', disabledMs: expect.any(Number) },
        ],
      },
    })
    const own = { params: { name: 'chief' }, body: { disabled: true } }
    expect(await ask('POST', '/api/operators/:name/disabled', own)).toMatchObject({ status: 403, error: 'own-account' })
    const nobody = { params: { name: 'nobody' } }
    expect(await ask('POST', '/api/operators/:name/reset', nobody)).toMatchObject({ status: 404 })
  })

  it('make, list and revoke tokens', async () => {
    const { ask, stand } = await standWithRoutes()
    const made = await ask('POST', '/api/tokens', { body: { name: 'one', days: 7 } })
    const { token } = (made as { json: { token: string } }).json
    expect(stand.tokens.principalOf(token)).toMatchObject({ actor: 'token:one' })
    expect(await ask('POST', '/api/tokens', { body: { name: 'one' } })).toMatchObject({
      status: 409,
      error: 'name-taken',
    })
    const { json } = (await ask('GET', '/api/tokens')) as { json: { tokens: object[] } }
    expect(json.tokens).toMatchObject([{ name: 'one', operator: 'chief', revokedMs: null }])
    expect(JSON.stringify(json)).not.toContain(token)
    const params = { name: 'one' }
    expect(await ask('DELETE', '/api/tokens/:name', { params })).toEqual({ ok: true, json: {} })
    expect(await ask('DELETE', '/api/tokens/:name', { params: { name: 'two' } })).toMatchObject({ status: 404 })
    expect(stand.tokens.principalOf(token)).toBeNull()
  })

  it('page through the audit log, and check it, also when it was tampered with', async () => {
    const { ask, stand } = await standWithRoutes()
    const page = async (query: object) =>
      ((await ask('GET', '/api/audit', { query })) as { json: { records: { id: number }[] } }).json.records.map(
        ({ id }) => id,
      )
    const before = stand.audit.newest().id
    expect(await page({ limit: '2' })).toEqual([before, before - 1])
    expect(await page({ limit: '1', before: '2' })).toEqual([1])
    for (const query of [{ limit: '0' }, { limit: '201' }, { before: '-1' }, { before: '1e3' }, { other: '1' }])
      await expect(page(query)).rejects.toThrow()
    for (const query of [{ actor: '' }, { actor: 'x'.repeat(81) }, { action: '登录' }, { action: '%' }, { action: '' }])
      await expect(page(query)).rejects.toThrow()
    stand.audit.append(anEntry({ actor: 'sun', action: 'token.create' }))
    const newest = stand.audit.append(anEntry({ actor: 'sun', action: 'token.revoke' })).id
    expect(await page({ actor: 'sun' })).toEqual([newest, newest - 1])
    expect(await page({ actor: 'sun', action: 'token.r' })).toEqual([newest])
    expect(await page({ actor: 'su' })).toEqual([])
    expect(await ask('GET', '/api/audit', { query: { actor: 'sun' } })).toMatchObject({ json: { olderBefore: null } })
    const [one, other] = await Promise.all([ask('GET', '/api/audit/check'), ask('GET', '/api/audit/check')])
    expect(one).toEqual({
      ok: true,
      json: { ok: true, records: newest, newest: stand.audit.newest(), firstFault: null },
    })
    expect(other).toEqual(one)
    stand.store.db.exec(`UPDATE audit SET detail = '[{}]' WHERE id = 2`)
    expect(await ask('GET', '/api/audit/check')).toMatchObject({
      json: { ok: false, firstFault: { id: 2, fault: 'altered' } },
    })
    expect(await page({})).toHaveLength(newest)
  })
})
