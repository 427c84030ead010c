import { isForTokens } from '../../controller/src/api/describe-api.ts'
import type { Route } from '../../controller/src/api/route.ts'
import { may, ROLES, type Role } from '../../controller/src/people/principal.ts'
import { declaredRoutes } from './routes.ts'

const HEAD = `# 接口 API

由 \`npm run describe\` 生成，勿手改；全文见 [openapi.json](api/openapi.json)（OpenAPI 3.1），运行中的中心也在 \`/api/openapi.json\` 提供。
Made by \`npm run describe\`, not by hand; the whole is in [openapi.json](api/openapi.json) (OpenAPI 3.1), and a running centre gives it at \`/api/openapi.json\`.

仅 HTTPS，默认端口 8443；请求与应答都是 JSON，拒绝与故障是 \`{error, message}\`。
登录后会话在 Cookie \`__Host-ankang\` 中，用它作更改时须带 \`x-csrf-token\`（登录的应答里有）。程序用令牌：\`Authorization: Bearer …\`，只读。
HTTPS alone, port 8443 by default; JSON both ways, refusals and faults are \`{error, message}\`.
A log-in's session is in the cookie \`__Host-ankang\`; a change made with it needs \`x-csrf-token\`, which the log-in's answer gives. Programs show a token, \`Authorization: Bearer …\`, and may only read.

    curl --cacert .ankang/ca/ca.crt -H "Authorization: Bearer $TOKEN" https://localhost:8443/api/devices

| 方法 Method | 地址 Path | 谁 Who | 含义 Meaning |
|---|---|---|---|
`

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: '查看员 viewer',
  technician: '技术员 technician',
  operator: '值班员 operator',
  auditor: '审计员 auditor',
  'security-administrator': '安全管理员 security administrator',
}

function whoMay(route: Route): string {
  const { access } = route
  if (access === 'public') return '任何人 anybody'
  if (access === 'session') return '登录中或已登录者 whoever logs in'
  const roles = ROLES.filter(role => access.some(permission => may({ actor: '', role }, permission)))
  const all = roles.length === ROLES.length ? ['任何角色 every role'] : roles.map(role => ROLE_WORDS[role])
  return [...all, ...(isForTokens(route) ? ['令牌 tokens'] : [])].join(', ')
}

function row(route: Route): string {
  const { method, path, zh, en } = route
  return `| ${method} | \`${path}\` | ${whoMay(route)} | ${zh} ${en} |\n`
}

/** docs/api.md. */
export function routeTable(): string {
  return HEAD + declaredRoutes().map(row).join('')
}
