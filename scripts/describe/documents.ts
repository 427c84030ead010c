import { describeApi } from '../../controller/src/api/describe-api.ts'
import { asyncApiDocument } from './async-api.ts'
import { routeTable } from './route-table.ts'
import { declaredRoutes } from './routes.ts'
import { topicTable } from './topic-table.ts'

/** A document that is made from the code, and committed so that it can be read without running anything. */
export interface MadeDocument {
  /** From the root of the repository. */
  readonly path: string
  make(root: string): string
}

function jsonText(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

export const DOCUMENTS: readonly MadeDocument[] = [
  { path: 'docs/api/openapi.json', make: () => jsonText(describeApi(declaredRoutes())) },
  { path: 'docs/api.md', make: routeTable },
  { path: 'docs/api/asyncapi.json', make: root => jsonText(asyncApiDocument(root)) },
  { path: 'docs/topics.md', make: topicTable },
]
