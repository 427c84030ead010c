import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/commands/index.ts'
import { operatorCommand } from '../../src/commands/operator.ts'
import { ROLES } from '../../src/people/principal.ts'
import { memoryIo } from '../fixtures/memory-io.ts'
import { AT_HOME, done, errorOf, logInWholly, member, peopleStand } from '../fixtures/people-stand.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

const ACTOR = `local:${userInfo().username}`

/** A home on whose store a controller's people are at work. */
function homeStand() {
  const home = tempFolder()
  mkdirSync(join(home, 'controller'))
  writeFileSync(join(home, 'controller', 'config.json'), JSON.stringify({ store: { file: 'store.sqlite' } }))
  const stand = peopleStand({ file: join(home, 'controller', 'store.sqlite'), clock: { nowMs: Date.now() } })
  const run = async (...argv: readonly string[]) => {
    const { io, text } = memoryIo(home)
    return { code: await operatorCommand.run([...argv, '--home', '.'], io), ...text }
  }
  const json = async (...argv: readonly string[]) => JSON.parse((await run(...argv, '--json')).out)
  return { ...stand, stand, home, run, json }
}

describe('ankang operator', () => {
  it('is one of the commands, and says in Chinese first how it is used', async () => {
    expect(commands).toContain(operatorCommand)
    const { io, text } = memoryIo(tempFolder())
    expect(await operatorCommand.run(['--help'], io)).toBe(0)
    expect(text.out).toMatch(/^用法 usage: ankang operator/)
    expect(text.out).toMatch(/例 examples:\n {2}ankang operator reset admin/)
    for (const role of ROLES) expect(text.out).toContain(role)
  })

  it('lets an administrator who lost their phone in again, while the controller is at work', async () => {
    const { stand, json, people } = homeStand()
    const chief = await member(stand, 'chief', 'security-administrator')
    const { token } = await logInWholly(stand, chief)
    const { oneTimePassword } = await json('reset', 'chief')
    expect(people.session(token, AT_HOME)).toBeNull()
    const begun = done(await people.logIn({ name: 'chief', password: oneTimePassword }, AT_HOME))
    expect(begun.view.stage).toBe('change-password')
    const reset = stand.audit.read(null, 100).find(({ action }) => action === 'operator.reset')
    expect(reset).toMatchObject({ actor: ACTOR, subject: 'chief', ok: true })
  })

  it('makes, lists, changes, disables and enables operators', async () => {
    const { stand, run, json } = homeStand()
    await member(stand, 'chief', 'security-administrator')
    expect((await run('add', 'li', '--role', 'viewer')).out).toMatch(/li 的一次性密码.*\n.*\n\n {2}\w{4}(-\w{4}){4}\n/)
    expect(await json('add', '--name', 'wang', '--role', 'auditor')).toEqual({
      name: 'wang',
      role: 'auditor',
      oneTimePassword: expect.stringMatching(/^\w{4}(-\w{4}){4}$/),
    })
    expect(await json('role', 'li', '--role', 'operator')).toEqual({ name: 'li', role: 'operator' })
    expect(await json('disable', 'li')).toEqual({ name: 'li', disabled: true })
    const { operators } = await json('list')
    expect(operators).toMatchObject([
      { name: 'chief', role: 'security-administrator', secondFactor: true, disabledMs: null },
      { name: 'li', role: 'operator', mustChange: true, disabledMs: expect.any(Number) },
      { name: 'wang', role: 'auditor' },
    ])
    expect((await run('list')).out).toMatch(/li +operator +已停用 disabled/)
    expect(await json('enable', 'li')).toEqual({ name: 'li', disabled: false })
    expect((await run('list')).out).toMatch(/li +operator +尚未改密码/)
  })

  it('makes, lists and revokes tokens that the controller takes', async () => {
    const { tokens, run, json } = homeStand()
    const { token, expiresMs } = await json('token', '--name', 'prometheus', '--days', '1')
    expect(tokens.principalOf(token)).toEqual({ actor: 'token:prometheus', role: 'viewer' })
    expect(expiresMs - Date.now()).toBeLessThanOrEqual(86_400_000)
    expect(await json('token', '--list')).toMatchObject({
      tokens: [{ name: 'prometheus', operator: ACTOR, expiresMs }],
    })
    expect((await run('token', '--list')).out).toMatch(/prometheus +local:\S+ +有效至/)
    expect(await json('token', 'prometheus', '--revoke')).toEqual({ name: 'prometheus', revoked: true })
    expect(tokens.principalOf(token)).toBeNull()
    expect((await run('token', 'other')).out).toMatch(/\n {2}ankang_[\w-]{43}\n/)
  })

  it('prints the audit log and checks its chain, and exits with 1 when that is broken', async () => {
    const { stand, run, json, store, audit } = homeStand()
    await member(stand, 'chief', 'security-administrator')
    audit.append({ actor: 'x\u001b[2J', action: 'test', subject: '', purpose: '\u0007', ok: true, detail: {} })
    const { newest } = (await json('audit')).check
    const good = await run('audit', '--limit', '2', '--witness', `${newest.id}:${newest.link}`)
    expect(good.code).toBe(0)
    expect(good.out).toContain(`审计链完整：${newest.id} 条`)
    expect(good.out).toContain(`${newest.id}:${newest.link}`)
    expect(good.out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect((await json('audit', '--limit', '2', '--before', '4')).records.map(({ id }: { id: number }) => id)).toEqual([
      3, 2,
    ])
    const wrong = await run('audit', '--witness', `${newest.id}:${'0'.repeat(64)}`)
    expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining('链被整体改写')])
    store.db.exec("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    const broken = await run('audit')
    expect([broken.code, broken.out]).toEqual([1, expect.stringContaining('第 2 条内容被改动')])
    store.db.exec('DELETE FROM audit WHERE id = 2')
    expect((await run('audit')).out).toContain('record 2 is missing')
  })

  it.each([
    [[], 'subcommand-unknown'],
    [['constructor'], 'subcommand-unknown'],
    [['add', 'li'], 'role-invalid'],
    [['add', 'li', '--role', 'root'], 'role-invalid'],
    [['add', '--role', 'viewer'], 'flag-missing'],
    [['add', 'li', 'wang', '--role', 'viewer'], 'flag-missing'],
    [['add', 'Li', '--role', 'viewer'], 'name-invalid'],
    [['reset', 'nobody'], 'operator-unknown'],
    [['disable', 'chief'], 'last-security-administrator'],
    [['role', 'chief', '--role', 'viewer'], 'last-security-administrator'],
    [['token', 'one', '--days', '0'], 'days-invalid'],
    [['token', 'one', '--days', 'x'], 'flag-invalid'],
    [['token', 'one', '--days', '1', '--revoke'], 'flags-exclusive'],
    [['token', 'one', '--revoke'], 'token-unknown'],
    [['audit', '--limit', '0'], 'flag-invalid'],
    [['audit', '--witness', '7'], 'flag-invalid'],
  ])('refuses %j with %s, and changes nothing', async (argv, code) => {
    const { stand, run, operators } = homeStand()
    await member(stand, 'chief', 'security-administrator')
    const before = operators.list()
    await expect(run(...argv)).rejects.toMatchObject({ family: 'usage', code })
    expect(operators.list()).toEqual(before)
    expect(errorOf(await operators.create('chief', 'viewer', 'local:test'))).toBe('name-taken')
  })

  it('says where it looked when there is no home', async () => {
    const { io } = memoryIo(tempFolder())
    await expect(operatorCommand.run(['list', '--home', 'x'], io)).rejects.toMatchObject({ code: 'home-missing' })
  })
})
