import type { Role } from './principal.ts'

export const SECOND_FACTOR_POLICIES = ['all', 'all-but-viewers'] as const

export interface PeoplePolicy {
  /** Who has to have a second factor. Whoever has one has to prove it in any case. */
  readonly secondFactor: (typeof SECOND_FACTOR_POLICIES)[number]
}

export function needsSecondFactor({ secondFactor }: PeoplePolicy, role: Role): boolean {
  return secondFactor === 'all' || role !== 'viewer'
}
