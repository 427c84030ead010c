import { describe, expect, it } from 'vitest'
import { may, PERMISSIONS, type Permission, ROLE_PERMISSIONS, ROLES } from '../../src/people/principal.ts'

const holders = (permission: Permission) => ROLES.filter(role => ROLE_PERMISSIONS[role].includes(permission))

describe('the roles', () => {
  it('hold no permission that is none, and none twice', () => {
    for (const role of ROLES) {
      const held = ROLE_PERMISSIONS[role]
      expect(new Set(held).size).toBe(held.length)
      expect(held.filter(permission => !PERMISSIONS.includes(permission))).toEqual([])
    }
  })

  it('leave no permission that nobody holds, and no role that holds all', () => {
    for (const permission of PERMISSIONS) expect(holders(permission), permission).not.toEqual([])
    for (const role of ROLES) expect(ROLE_PERMISSIONS[role].length, role).toBeLessThan(PERMISSIONS.length)
  })

  it('take three of them at least to hold everything', () => {
    for (const one of ROLES)
      for (const other of ROLES) {
        const together = new Set([...ROLE_PERMISSIONS[one], ...ROLE_PERMISSIONS[other]])
        expect(together.size, `${one} and ${other}`).toBeLessThan(PERMISSIONS.length)
      }
  })

  it('part opening doors, revoking boxes, managing people and reading the audit log among different ones', () => {
    expect(holders('command:door')).toEqual(['operator'])
    expect(holders('device:revoke')).toEqual(['security-administrator'])
    expect(holders('operator:manage')).toEqual(['security-administrator'])
    expect(holders('token:manage')).toEqual(['security-administrator'])
    expect(holders('audit:read')).toEqual(['auditor'])
    expect(holders('showing:look-up')).toEqual(['auditor'])
  })

  it('let whoever checks change nothing', () => {
    const changing = PERMISSIONS.filter(one => /^(device|command|operator|token):/.test(one))
    for (const role of ['viewer', 'auditor'] as const)
      expect(
        ROLE_PERMISSIONS[role].filter(one => changing.includes(one)),
        role,
      ).toEqual([])
  })

  it('are asked by principal', () => {
    expect(may({ actor: 'li', role: 'viewer' }, 'live:read')).toBe(true)
    expect(may({ actor: 'li', role: 'viewer' }, 'command:door')).toBe(false)
  })
})
