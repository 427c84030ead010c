import { BugError } from '@ankang/protocol'

/**
 * What a role may do. No role holds all: who watches does not change, who changes does not check, who checks does neither.
 * Source: GB/T 22239-2019 §8.1.4.2 (three separated administrators).
 */
export const PERMISSIONS = [
  'live:read', // page, devices, showings, totals
  'metrics:read',
  'device:enrol', // make and withdraw enrolment codes
  'device:revoke',
  'device:configure', // desired settings
  'command:maintain', // restart, self-test, diagnostics, log level
  'command:door', // open once, lockdown, release
  'showing:look-up', // what became of one showing, by its tag, with a purpose
  'audit:read',
  'operator:manage',
  'token:manage',
] as const
export type Permission = (typeof PERMISSIONS)[number]

export const ROLES = ['viewer', 'technician', 'operator', 'auditor', 'security-administrator'] as const
export type Role = (typeof ROLES)[number]

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['live:read', 'metrics:read'],
  technician: ['live:read', 'metrics:read', 'device:enrol', 'device:configure', 'command:maintain'],
  operator: ['live:read', 'command:door', 'command:maintain'],
  auditor: ['live:read', 'metrics:read', 'showing:look-up', 'audit:read'],
  'security-administrator': ['live:read', 'device:revoke', 'operator:manage', 'token:manage'],
}

/** Who asks. Tokens are read-only whatever the role: they may do no more than a viewer. */
export interface Principal {
  /** As the audit log names it. */
  readonly actor: string
  readonly role: Role
}

export function may(principal: Principal, permission: Permission): boolean {
  return ROLE_PERMISSIONS[principal.role].includes(permission)
}

/** Who asks, on a route that wants permissions: there is somebody, or the route was called past its access control. */
export function actorOf({ principal }: { readonly principal: Principal | null }): string {
  if (principal !== null) return principal.actor
  throw new BugError('principal-missing', 'expected a route with permissions to have a principal')
}
