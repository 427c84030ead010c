import { fromHex } from '@ankang/protocol'
import * as v from 'valibot'
import type { Audit } from '../audit/audit.ts'
import { purposeSchema } from '../audit/purpose.ts'
import type { ShowingView } from '../fleet/views.ts'
import { actorOf } from '../people/principal.ts'
import type { StoredShowing } from '../store/record-reader.ts'
import { type Route, route } from './route.ts'
import { showingSchema } from './view-schemas.ts'

export interface LookUpRouteParts {
  readonly tags: { find(tag: Uint8Array, limit: number): Promise<readonly StoredShowing[]> }
  readonly view: (showing: StoredShowing) => ShowingView
  readonly audit: Audit
}

const MOST = 100
const tag = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits, in small letters'),
  v.description('亮码标签，凭条或投诉单上有 the showing’s tag, as on a slip or a complaint'),
)

/** What became of one showing: for who has its tag and a reason to ask. */
export function lookUpRoutes({ tags, view, audit }: LookUpRouteParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/look-ups',
      zh: '按标签查一次亮码的结果，须写明事由；每次查询都写入审计日志',
      en: 'What became of a showing, by its tag and for a purpose; every look-up is kept in the audit log',
      access: ['showing:look-up'],
      body: v.strictObject({ tag, purpose: purposeSchema }),
      answer: v.object({ showings: v.array(showingSchema) }),
      handle: async ({ body, ...request }) => {
        const found = await tags.find(fromHex(body.tag), MOST)
        // on disk before anybody sees what was found
        audit.append({
          actor: actorOf(request),
          action: 'showing.look-up',
          subject: body.tag,
          purpose: body.purpose,
          ok: true,
          detail: { found: found.length },
        })
        return { ok: true, json: { showings: found.map(view) } }
      },
    }),
  ]
}
