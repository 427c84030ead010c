import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { orderSchema } from '../orders/order-routes.ts'
import { problemSchema } from './problem.ts'
import { sessionSchema } from './session-routes.ts'
import { deviceDetailSchema, deviceSchema, showingSchema } from './view-schemas.ts'

export type Json = Readonly<Record<string, unknown>>

/** What has a name of its own in the description. */
const NAMED: Readonly<Record<string, v.GenericSchema>> = {
  Problem: problemSchema,
  Session: sessionSchema,
  Showing: showingSchema,
  Device: deviceSchema,
  DeviceDetail: deviceDetailSchema,
  Order: orderSchema,
}

const COMMON: Omit<ConversionConfig, 'definitions'> = {
  target: 'draft-2020-12',
  typeMode: 'input',
  // a check of ours has no name in JSON Schema; what it says stands in the answer when it fails
  ignoreActions: ['check', 'raw_check'],
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
}

function bare(schema: object): Json {
  const { $schema: _, $defs: __, ...rest } = schema as Record<string, unknown>
  return rest
}

/** As JSON Schema 2020-12, which OpenAPI 3.1 speaks; named schemas are referred to. */
export function jsonSchema(schema: v.GenericSchema): Json {
  return bare(toJsonSchema(schema, { ...COMMON, definitions: NAMED }))
}

/** The named schemas themselves. */
export function namedJsonSchemas(): Json {
  const schemas: Readonly<Record<string, object>> = toJsonSchemaDefs(NAMED, COMMON)
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)]))
}
