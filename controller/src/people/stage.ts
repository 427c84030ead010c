import type { Operator } from './operator.ts'
import { needsSecondFactor, type PeoplePolicy } from './people-policy.ts'

/** How far a log-in has come. Only `full` may do what a role may. */
export const STAGES = ['change-password', 'set-up-second-factor', 'second-factor', 'full'] as const
export type Stage = (typeof STAGES)[number]

type Facts = Pick<Operator, 'role' | 'mustChange' | 'secondFactor'>

/**
 * What is still wanted of somebody whose password was right. The second factor comes first: with a stolen one-time password alone
 * nobody may set another.
 */
export function stageFor(operator: Facts, hasProvenSecondFactor: boolean, policy: PeoplePolicy): Stage {
  if (operator.secondFactor && !hasProvenSecondFactor) return 'second-factor'
  if (operator.mustChange) return 'change-password'
  return operator.secondFactor || !needsSecondFactor(policy, operator.role) ? 'full' : 'set-up-second-factor'
}
