import { Validator } from '@seriousme/openapi-schema-validator'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { describeApi, operationId } from '../../../controller/src/api/describe-api.ts'
import { PERMISSIONS } from '../../../controller/src/people/principal.ts'
import { routeTable } from '../../describe/route-table.ts'
import { declaredRoutes } from '../../describe/routes.ts'

const routes = declaredRoutes()
/** Without what JSON does not carry. */
const document: Record<string, unknown> = JSON.parse(JSON.stringify(describeApi(routes)))

const responseSchema = v.looseObject({ description: v.pipe(v.string(), v.nonEmpty()), content: v.looseObject({}) })
const operationSchema = v.looseObject({
  operationId: v.string(),
  summary: v.string(),
  tags: v.tuple([v.string()]),
  security: v.array(v.record(v.string(), v.array(v.string()))),
  parameters: v.optional(v.array(v.looseObject({ name: v.string(), in: v.picklist(['path', 'query']) })), []),
  responses: v.record(v.string(), responseSchema),
})
const described = v.parse(
  v.looseObject({
    paths: v.record(v.string(), v.record(v.string(), operationSchema)),
    components: v.looseObject({
      schemas: v.record(v.string(), v.looseObject({})),
      securitySchemes: v.record(v.string(), v.looseObject({})),
    }),
    tags: v.array(v.looseObject({ name: v.string() })),
  }),
  document,
)
const operationOf = ({ method, path }: { readonly method: string; readonly path: string }) =>
  described.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()] ?? expect.fail(`${method} ${path}`)

function references(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(references)
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => (key === '$ref' ? [String(value)] : references(value)))
}

describe('the description of the API', () => {
  it('is OpenAPI 3.1, by its published schema, which refuses what is none', async () => {
    const validator = new Validator()
    const result = await validator.validate(structuredClone(document))
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
    expect(validator.version).toBe('3.1')
    const broken = { ...document, paths: { '/api/session': { post: { responses: { ok: {} } } } } }
    expect((await new Validator().validate(broken)).valid).toBe(false)
  })

  it('refers to nothing that is not in it, and names what several routes give', () => {
    const all = new Set(references(document))
    for (const reference of all)
      expect(Object.keys(described.components.schemas), reference).toContain(
        reference.replace('#/components/schemas/', ''),
      )
    for (const name of ['Problem', 'Session', 'Showing', 'Device', 'DeviceDetail', 'Order'])
      expect(all, name).toContain(`#/components/schemas/${name}`)
  })

  it('has every route, under a name of its own, told of in both languages', () => {
    const operations = routes.map(operationOf)
    expect(operations).toHaveLength(Object.values(described.paths).flatMap(Object.keys).length)
    expect(new Set(operations.map(one => one.operationId)).size).toBe(operations.length)
    for (const { summary, operationId: id, tags } of operations) {
      expect(summary).toMatch(/^.*\p{Script=Han}.*[a-z]{3}/su)
      expect(id).toMatch(/^(get|post|put|patch|delete)[A-Z][A-Za-z]+$/)
      expect(described.tags.map(({ name }) => name)).toContain(tags[0])
    }
    expect(operationId({ method: 'GET', path: '/api/devices/:device/commands' })).toBe('getDevicesByDeviceCommands')
  })

  it('says of every route how to show who asks, and of a change with a session that it needs the second secret', () => {
    for (const route of routes) {
      const { security } = operationOf(route)
      const schemes = security.flatMap(Object.keys)
      for (const scheme of schemes) expect(Object.keys(described.components.securitySchemes)).toContain(scheme)
      if (route.access === 'public') expect(security).toEqual([])
      else expect(security[0]).toEqual(route.method === 'GET' ? { session: [] } : { session: [], csrf: [] })
    }
    expect(operationOf({ method: 'GET', path: '/metrics' }).security).toEqual([{ session: [] }, { token: [] }])
    expect(operationOf({ method: 'GET', path: '/api/audit' }).security).toEqual([{ session: [] }])
  })

  it('says of every route what it answers, refusals included', () => {
    for (const route of routes) {
      const { responses } = operationOf(route)
      const wanted = ['200', 'default', ...(route.access === 'public' ? [] : ['401'])]
      expect(Object.keys(responses), route.path).toEqual(expect.arrayContaining(wanted))
      for (const code of route.refusals ?? []) expect(responses['default']?.description).toContain(`\`${code}\``)
      if (Array.isArray(route.access)) expect(responses['403']?.description).toContain('not-permitted')
      if (route.body !== undefined)
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '413', '415']))
    }
    expect(operationOf({ method: 'GET', path: '/api/events' }).responses['200']?.content).toHaveProperty([
      'text/event-stream',
    ])
  })

  it('has a parameter for each place in a path', () => {
    for (const route of routes) {
      const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name)
      const told = operationOf(route).parameters.filter(one => one.in === 'path')
      expect(told.map(({ name }) => name)).toEqual(inPath)
    }
    const { parameters } = operationOf({ method: 'GET', path: '/api/audit' })
    expect(parameters.map(({ name }) => name)).toEqual(['before', 'limit', 'actor', 'action'])
  })
})

describe('the routes', () => {
  it('use every permission there is, and no role is given one that opens nothing', () => {
    const used = new Set(routes.flatMap(({ access }) => (typeof access === 'string' ? [] : access)))
    expect([...used].sort()).toEqual([...PERMISSIONS].sort())
  })

  it('stand in the table, each in a line', () => {
    const lines = routeTable().split('\n')
    for (const { method, path } of routes)
      expect(lines.filter(line => line.startsWith(`| ${method} | \`${path}\` |`))).toHaveLength(1)
  })
})
