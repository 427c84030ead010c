import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { faultsOf } from './fixtures/looks.ts'
import { browserProgram, opened, openedAs, SCHEMES, SIZES } from './fixtures/open-page.ts'
import { type StandIn, standIn } from './fixtures/stand-in.ts'
import { deviceView, showing } from './fixtures/stand-in-hall.ts'
import { GOOD_PASSWORD } from './fixtures/stand-in-people.ts'

const LONG = 'a-device-with-a-name-of-forty-characters'

/** Everything as long and as wrong as it can be. */
async function crowded(): Promise<StandIn> {
  const stand = await standIn()
  const detail = 'held open '.repeat(20)
  const lastAlarm = { timeMs: 1, kind: 'door', detail }
  stand.devices.set('hall-door-2', deviceView('hall-door-2', { lockdown: true, state: 'alert', lastAlarm }))
  stand.devices.set(LONG, deviceView(LONG, { state: 'lost', gaps: 3, backlog: 12_345, revoked: true }))
  stand.showings.push(
    showing(LONG, 1, {
      timeTrust: 'unknown',
      outcome: 'refer',
      note: { zh: '108路 下行 第21站 · 普通 2.00元', en: 'line 108 down, stop 21 · ordinary ¥2.00' },
    }),
  )
  stand.people.add('somebody-with-a-name-of-forty-characters', 'security-administrator', {
    mustChange: true,
    disabledMs: 1,
  })
  stand.tokens.set('t', {
    name: 'a-token-with-a-name-of-forty-characters1',
    operator: 'he',
    createdMs: 1,
    expiresMs: 1,
    revokedMs: 1,
  })
  return stand
}

async function look(page: Page, what: string): Promise<readonly string[]> {
  const faults: string[] = []
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    faults.push(...(await faultsOf(page)).map(fault => `${what}, ${colorScheme}: ${fault}`))
  }
  return faults
}

async function goTo(page: Page, place: string, there: string): Promise<void> {
  await page.evaluate(to => {
    location.hash = to
  }, place)
  await page.locator(there).first().waitFor()
}

const SEND = '.confirm button[type=submit]'

describe.each(SIZES)('at $width pixels nothing is faint, small, nameless or wider than the screen', size => {
  browserProgram.it('while logging in', async () => {
    const stand = await standIn()
    stand.people.add('lin', 'viewer', { password: 'once', mustChange: true, hasSecondFactor: false })
    const { page, complaints } = await opened(stand.url, size)
    await page.getByLabel('名称 Name').fill('lin')
    await page.getByLabel('密码 Password').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    const faults = [...(await look(page, 'log-in'))]
    await page.getByLabel('密码 Password').fill('once')
    await page.keyboard.press('Enter')
    await page.getByLabel('新密码').waitFor()
    faults.push(...(await look(page, 'password')))
    for (const label of ['新密码', '再输一遍']) await page.getByLabel(label).fill(GOOD_PASSWORD)
    await page.keyboard.press('Enter')
    await page.locator('#log-in .qr').waitFor()
    faults.push(...(await look(page, 'second factor')))
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
  })

  browserProgram.it('on the live page, the panel and the orders', async () => {
    const stand = await crowded()
    const { page, complaints } = await openedAs('chen', stand, { viewport: size })
    const faults = [...(await look(page, 'live'))]
    for (const device of ['hall-door-2', LONG]) {
      await goTo(page, `#/devices/${device}`, '[data-history=keys] li')
      faults.push(...(await look(page, device)))
    }
    await goTo(page, '#/devices/hall-door-1', '[data-order=open-once]:visible')
    await page.locator('[data-order=open-once]').click()
    faults.push(...(await look(page, 'open')))
    await page.getByLabel('事由 Purpose').fill('x'.repeat(200))
    await page.locator(SEND).click()
    await page.locator('.button.armed').waitFor()
    faults.push(...(await look(page, 'armed')))
    await page.keyboard.press('Escape')
    await page.locator('[data-order=lockdown]').click()
    await page.getByLabel('事由 Purpose').fill('x'.repeat(200))
    await page.locator(SEND).click()
    await page.locator('.confirm .order').waitFor()
    faults.push(...(await look(page, 'sent')))
    stand.answer([...stand.commands.keys()][0] ?? '', false, 'y'.repeat(300))
    await page.locator('.confirm .order[data-state=refused]').waitFor()
    faults.push(...(await look(page, 'refused')))
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
  })

  browserProgram.it('for the technician', async () => {
    const stand = await crowded()
    const { page, complaints } = await openedAs('li', stand, { viewport: size, at: '#/enrol' })
    const faults = [...(await look(page, 'enrol'))]
    await page.getByLabel('地点 Site').fill('hall')
    await page.getByLabel('设备编号').fill('another-device-of-nearly-forty-chars')
    await page.getByRole('button', { name: '生成入网码' }).click()
    await page.locator('.open-codes li').waitFor()
    faults.push(...(await look(page, 'code')))
    await goTo(page, '#/devices/hall-door-1', '[data-history=keys] li')
    await page.getByRole('button', { name: '更改设定' }).click()
    faults.push(...(await look(page, 'settings')))
    await page.keyboard.press('Escape')
    await goTo(page, '#/', '#live')
    await page.locator('#own-password').click()
    faults.push(...(await look(page, 'own password')))
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
  })

  browserProgram.it('for the auditor', async () => {
    const stand = await crowded()
    stand.firstFault = 3
    const { page, complaints } = await openedAs('zhao', stand, { viewport: size, at: '#/audit' })
    await page.locator('#other tbody tr').first().waitFor()
    await page.getByRole('button', { name: '核对整条链' }).click()
    await page.locator('.chain[data-tone=red]').waitFor()
    const faults = [...(await look(page, 'audit'))]
    await goTo(page, '#/look-up', '#other form')
    faults.push(...(await look(page, 'look-up')))
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
  })

  browserProgram.it('for the security administrator', async () => {
    const stand = await crowded()
    const { page, complaints } = await openedAs('he', stand, { viewport: size, at: '#/operators' })
    await page.locator('#other tbody tr').first().waitFor()
    const faults = [...(await look(page, 'operators'))]
    await page.locator('[data-operator=wang]').getByRole('button', { name: '重置' }).click()
    faults.push(...(await look(page, 'reset')))
    await page.locator(SEND).click()
    await page.locator('.once').waitFor()
    faults.push(...(await look(page, 'once')))
    await page.keyboard.press('Escape')
    await goTo(page, '#/tokens', '[data-token]')
    faults.push(...(await look(page, 'tokens')))
    await goTo(page, '#/devices/hall-door-1', '[data-history=keys] li')
    await page.getByRole('button', { name: '吊销设备' }).click()
    faults.push(...(await look(page, 'revoke')))
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
  })
})
