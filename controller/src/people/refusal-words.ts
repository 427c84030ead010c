import type { TokenRefusal } from './access-tokens.ts'
import type { OperatorRefusal } from './operators.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'

const { tokenDays } = PEOPLE_LIMITS

/** For whoever asked, on the page or at the machine. */
export const OPERATOR_REFUSAL_WORDS: Readonly<Record<OperatorRefusal['error'], string>> = {
  'name-invalid':
    '名称应为 1 到 40 个小写字母、数字、. _ - · expected a name of 1 to 40 small letters, digits, dots, underscores and hyphens, none of: system, local, device, token',
  'name-taken': '这个名称已经有了 · this name is taken; choose another one',
  'operator-unknown': '没有这位操作员 · there is no such operator',
  'own-account': '不能更改自己的账户 · nobody changes their own account; ask another security administrator',
  'last-security-administrator':
    '这是最后一位可用的安全管理员，请先另设一位 · this is the last security administrator; make another one first',
}

export const TOKEN_REFUSAL_WORDS: Readonly<Record<TokenRefusal['error'], string>> = {
  'name-invalid':
    '令牌名称应为 1 到 40 个小写字母、数字、连字符 · expected a token’s name of 1 to 40 small letters, digits and hyphens',
  'name-taken': '这个名称的令牌仍有效，请先作废 · a token of this name is still good; revoke it first',
  'days-invalid': `有效天数应为 1 到 ${tokenDays} 的整数 · expected whole days from 1 to ${tokenDays}`,
  'token-unknown': '没有这个令牌 · there is no such token',
}
