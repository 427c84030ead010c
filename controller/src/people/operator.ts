import { ROLES, type Role } from './principal.ts'

/** One person who may log in, as the store has it, without what proves who they are. */
export interface Operator {
  readonly name: string
  readonly role: Role
  /** The password is one that somebody else made. */
  readonly mustChange: boolean
  /** Whether a second factor was set up and proven once. */
  readonly secondFactor: boolean
  readonly disabledMs: number | null
  readonly createdMs: number
}

/** For whoever manages them. */
export interface OperatorView extends Operator {
  /** Until when log-ins from places unknown to this operator are refused; null when they are not. */
  readonly lockedUntilMs: number | null
  /** Log-ins that are alive. */
  readonly sessions: number
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,39}$/
/** What else stands as an actor in the audit log. */
const RESERVED = ['system', 'local', 'device', 'token']

export function isOperatorName(name: string): boolean {
  return NAME.test(name) && !RESERVED.includes(name)
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text)
}
