import { describe, expect } from 'vitest'
import { browserProgram, openedAs } from './fixtures/open-page.ts'
import { standIn } from './fixtures/stand-in.ts'
import { auditRecord } from './fixtures/stand-in-hall.ts'

const DOOR = ['open-once', 'lockdown', 'release']
const MAINTAIN = ['self-test', 'send-diagnostics', 'set-log-level', 'restart']

describe('what a role may not do is not there', () => {
  for (const [name, pages, orders, actions] of [
    ['wang', [], [], []],
    ['li', [], MAINTAIN, ['更改设定', '入网新设备']],
    ['chen', [], [...DOOR, ...MAINTAIN], []],
    ['zhao', ['', 'look-up', 'audit'], [], []],
    ['he', ['', 'operators', 'tokens'], [], ['吊销设备']],
  ] as const)
    browserProgram.it(`${name} sees only what is theirs`, async () => {
      const stand = await standIn()
      const { page } = await openedAs(name, stand)
      const links = await page
        .locator('#places a:visible')
        .evaluateAll(all => all.map(a => a.getAttribute('data-place')))
      expect(links).toEqual(pages)
      const shown: string[] = []
      if (await page.getByRole('link', { name: '入网新设备' }).isVisible()) shown.push('入网新设备')
      await page.getByRole('link', { name: 'hall-door-1' }).click()
      await page.locator('[data-history=keys] li').first().waitFor()
      expect(
        await page.locator('[data-order]').evaluateAll(all => all.map(one => one.getAttribute('data-order'))),
      ).toEqual(orders)
      for (const action of ['更改设定', '吊销设备'])
        if (await page.getByRole('button', { name: action }).isVisible()) shown.push(action)
      expect(new Set(shown)).toEqual(new Set(actions))
    })

  browserProgram.it('by its address neither', async () => {
    const stand = await standIn()
    const { page } = await openedAs('wang', stand, { at: '#/operators' })
    await page.locator('#live').waitFor()
    for (const place of ['audit', 'look-up', 'tokens', 'enrol', 'constructor', '__proto__'])
      await page.evaluate(to => {
        location.hash = `#/${to}`
      }, place)
    expect(await page.locator('#other').isVisible()).toBe(false)
    expect(await page.locator('dialog[open]').count()).toBe(0)
    expect(await page.locator('#live').isVisible()).toBe(true)
  })
})

describe('the audit log', () => {
  browserProgram.it('is filtered by who and what, and goes further back when asked', async () => {
    const stand = await standIn()
    const { page } = await openedAs('zhao', stand, { at: '#/audit' })
    const rows = page.locator('#other tbody tr')
    await rows.nth(99).waitFor()
    expect(await rows.count()).toBe(100)
    await page.getByRole('button', { name: '更早的' }).click()
    await rows.nth(129).waitFor()
    expect(await page.getByRole('button', { name: '更早的' }).isVisible()).toBe(false)
    const count = (text: string) => page.locator('#other [role=status]', { hasText: text }).first().waitFor()
    const actor = page.getByLabel('谁 Actor')
    await actor.fill('li')
    await actor.press('Enter')
    await count('13 条 entries')
    expect(await rows.count()).toBe(13)
    expect(await rows.first().innerText()).toMatch(/command\.open-once.*hall-door-1.*访客到达/s)
    await actor.fill('l')
    await actor.press('Enter')
    await count('0 条 entries')
    await actor.fill('')
    await page.getByLabel('做了什么 Action').selectOption('session.log-in')
    await count('100 条，更早的还未查 entries')
    await page.getByRole('button', { name: '更早的' }).click()
    await count('117 条 entries')
    await page.getByLabel('做了什么 Action').selectOption('command.')
    await count('13 条 entries')
  })

  browserProgram.it('shows the filter that was chosen last, whichever answer comes first', async () => {
    const stand = await standIn()
    const { page } = await openedAs('zhao', stand, { at: '#/audit' })
    await page.locator('#other tbody tr').nth(99).waitFor()
    let letGo = () => {}
    const held = new Promise<void>(resolve => {
      letGo = resolve
    })
    await page.route('**/api/audit?*action=session*', async route => {
      await held
      await route.continue()
    })
    const late = page.waitForResponse(/action=session/)
    await page.getByLabel('做了什么 Action').selectOption('session.')
    await page.getByLabel('做了什么 Action').selectOption('command.')
    await page.locator('#other [role=status]', { hasText: '13 条 entries' }).first().waitFor()
    letGo()
    await (await late).finished()
    await page.evaluate(() => new Promise(requestAnimationFrame))
    expect(await page.locator('#other tbody tr').count()).toBe(13)
  })

  browserProgram.it('says whether its chain holds, and where it breaks', async () => {
    const stand = await standIn()
    const { page } = await openedAs('zhao', stand, { at: '#/audit' })
    const check = page.getByRole('button', { name: '核对整条链' })
    await check.click()
    await page.locator('.chain[data-tone=green]', { hasText: '130 条记录完整无缺' }).waitFor()
    expect(await page.locator('.link-code').textContent()).toBe('abababab '.repeat(8).trim())
    stand.firstFault = 77
    await check.click()
    await page.locator('.chain[data-tone=red]', { hasText: '链在第 77 条断开：内容被改动' }).waitFor()
  })

  browserProgram.it('shows what somebody wrote as text and nothing else', async () => {
    const stand = await standIn()
    const evil = '<img src=x onerror=alert(1)>'
    stand.auditRecords.unshift(auditRecord(131, { purpose: evil, detail: { note: evil } }))
    const { page, complaints } = await openedAs('zhao', stand, { at: '#/audit' })
    const row = page.locator('#other tbody tr').first()
    await row.waitFor()
    expect(await row.innerText()).toContain(evil)
    expect(await row.locator('img').count()).toBe(0)
    expect(complaints).toEqual([])
  })
})

describe('a look-up', () => {
  browserProgram.it('wants a tag of sixteen digits and a purpose, and shows what became of it', async () => {
    const stand = await standIn()
    const { page } = await openedAs('zhao', stand, { at: '#/look-up' })
    const ask = page.getByRole('button', { name: '查询 Look up' })
    await page.getByLabel('亮码标签').fill('00FF00FF00FF00FF')
    await ask.click()
    await page.getByLabel('亮码标签').fill('12')
    await page.getByLabel('事由 Purpose').fill('投诉 complaint')
    await ask.click()
    expect(stand.changes).not.toContain('POST /api/look-ups')
    await page.getByLabel('亮码标签').fill('00FF00FF00FF00FF')
    await ask.click()
    await page.locator('#other .showing').waitFor()
    expect(await page.locator('#other .showing .zh').allTextContents()).toEqual(['请通行'])
    await page.getByLabel('亮码标签').fill('1111111111111111')
    await ask.click()
    await page.locator('#other .empty', { hasText: '没有这个标签的亮码' }).waitFor()
    expect(await page.locator('#other .showing').count()).toBe(0)
  })
})

describe('operators and tokens', () => {
  browserProgram.it('a new operator’s one-time password is shown once', async () => {
    const stand = await standIn()
    const { page, complaints } = await openedAs('he', stand, { at: '#/operators' })
    await page.getByLabel('名称 Name').fill('sun')
    await page.getByLabel('角色 Role', { exact: true }).selectOption('auditor')
    await page.getByRole('button', { name: '新建操作员' }).click()
    expect(await page.locator('.once').textContent()).toBe('once-only-7F3K')
    await page.getByRole('button', { name: '已抄下' }).click()
    await page.locator('.once').waitFor({ state: 'detached' })
    expect((await page.content()).includes('once-only-7F3K')).toBe(false)
    expect(await page.locator('[data-operator=sun]').innerText()).toMatch(/审计员\s+auditor.*尚未改密码/s)
    expect(complaints).toEqual([])
  })

  browserProgram.it(
    'an operator is reset, given another role, disabled and enabled, each after a question',
    async () => {
      const stand = await standIn()
      const { page } = await openedAs('he', stand, { at: '#/operators' })
      const row = page.locator('[data-operator=wang]')
      const confirm = page.locator('.confirm button[type=submit]')
      await row.getByRole('button', { name: '停用' }).click()
      expect(stand.people.operators.get('wang')?.disabledMs).toBeNull()
      await confirm.click()
      await row.getByText('已停用').waitFor()
      await row.getByRole('button', { name: '启用' }).click()
      await confirm.click()
      await row.getByText('正常').waitFor()
      await row.getByRole('button', { name: '角色' }).click()
      await page.locator('.confirm').getByLabel('角色 Role').selectOption('technician')
      await confirm.click()
      await row.getByText('技术员').waitFor()
      await row.getByRole('button', { name: '重置' }).click()
      await confirm.click()
      expect(await page.locator('.once').textContent()).toBe('once-only-9Q2M')
    },
  )

  browserProgram.it('nobody can take their own access away', async () => {
    const stand = await standIn()
    const { page } = await openedAs('he', stand, { at: '#/operators' })
    const own = page.locator('[data-operator=he]')
    await own.waitFor()
    expect(await own.getByRole('button').count()).toBe(0)
  })

  browserProgram.it('a token is shown once, and can be withdrawn', async () => {
    const stand = await standIn()
    const { page } = await openedAs('he', stand, { at: '#/tokens' })
    await page.getByLabel('名称 Name').fill('grafana')
    await page.getByRole('button', { name: '新建令牌' }).click()
    expect(await page.locator('.once').textContent()).toBe('akt_0123456789abcdef')
    await page.getByRole('button', { name: '已抄下' }).click()
    await page.locator('.once').waitFor({ state: 'detached' })
    expect((await page.content()).includes('akt_0123456789abcdef')).toBe(false)
    await page.getByRole('button', { name: '作废 grafana' }).click()
    await page.locator('[data-token=grafana]').waitFor({ state: 'detached' })
    expect(stand.tokens.size).toBe(0)
  })
})
