import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { browserProgram, openedAs } from './fixtures/open-page.ts'
import { type StandIn, standIn } from './fixtures/stand-in.ts'
import { deviceView } from './fixtures/stand-in-hall.ts'

async function atDoor(who: string): Promise<{ stand: StandIn; page: Page; complaints: readonly string[] }> {
  const stand = await standIn()
  const open = await openedAs(who, stand, { at: '#/devices/hall-door-1' })
  await open.page.locator('[data-history=keys] li').first().waitFor()
  return { stand, ...open }
}

const SEND = '.confirm button[type=submit]'

async function order(page: Page, name: string): Promise<void> {
  await page.locator(`[data-order=${name}]`).click()
  await page.getByLabel('事由 Purpose').fill('演练 drill')
}

function sentId(stand: StandIn): string {
  return [...stand.commands.keys()].at(-1) ?? ''
}

describe('an order', () => {
  browserProgram.it('says what will happen where, wants a purpose, and shows its result as it comes', async () => {
    const { stand, page, complaints } = await atDoor('chen')
    await page.locator('[data-order=lockdown]').click()
    expect(await page.locator('.confirm .says').innerText()).toMatch(/hall-door-1 从现在起不再放任何人进入/)
    await page.locator(SEND).click()
    expect(stand.commands.size).toBe(0)
    await page.getByLabel('事由 Purpose').fill('演练 drill')
    await page.locator(SEND).click()
    const row = page.locator('.confirm .order')
    await page.locator('.confirm .order[data-state=sent]').waitFor()
    expect(await row.innerText()).toMatch(/已发出，等待设备回答\s+sent/)
    expect([...stand.commands.values()][0]).toMatchObject({ name: 'lockdown', args: {}, purpose: '演练 drill' })
    stand.answer(sentId(stand), true, 'done')
    await page.locator('.confirm .order[data-state=done]').waitFor()
    expect(await row.innerText()).toMatch(/完成\s+done/)
    expect(await page.locator('.confirm > .said').textContent()).toBe('完成 done')
    await page.getByRole('button', { name: '关闭 Close' }).last().click()
    expect(await page.locator('.panel .order[data-state=done]').innerText()).toMatch(/封闭.*chen：演练 drill/s)
    expect(complaints).toEqual([])
  })

  for (const [detail, state, words] of [
    ['clock-untrusted', 'refused', /设备时钟不可信，没有开门/],
    ['no-such-output', 'refused', /没有可以开的门/],
    ['expired', 'expired', /到达时已过期，没有执行/],
    ['wrong-boot', 'refused', /重启过，没有执行/],
    ['something-of-tomorrow', 'refused', /something-of-tomorrow/],
  ] as const)
    browserProgram.it(`that ended with ${detail} says so in words`, async () => {
      const { stand, page } = await atDoor('chen')
      await order(page, 'self-test')
      await page.locator(SEND).click()
      await page.locator('.confirm .order').waitFor()
      stand.answer(sentId(stand), false, detail)
      await page.locator(`.confirm .order[data-state=${state}]`).waitFor()
      expect(await page.locator('.confirm .standing').innerText()).toMatch(words)
    })

  browserProgram.it('to open wants a second, deliberate press', async () => {
    const { stand, page } = await atDoor('chen')
    await page.clock.install()
    await order(page, 'open-once')
    await page.getByLabel('开门几秒').fill('5')
    const send = page.locator(SEND)
    expect(await send.evaluate(node => getComputedStyle(node).backgroundColor)).not.toBe(
      await page.locator('.panel .button.danger').evaluate(node => getComputedStyle(node).backgroundColor),
    )
    await send.dblclick()
    await page.locator('.button.armed', { hasText: '再按一次' }).waitFor()
    expect(stand.commands.size).toBe(0)
    await page.clock.fastForward(9000)
    await page.locator('.button.armed').waitFor({ state: 'detached' })
    await send.click()
    await page.locator('.button.armed').waitFor()
    expect(stand.commands.size).toBe(0)
    await page.clock.fastForward(1000)
    await send.click()
    await page.locator('.confirm .order[data-state=sent]').waitFor()
    expect([...stand.commands.values()].map(({ name, args }) => [name, args])).toEqual([['open-once', { seconds: 5 }]])
  })

  browserProgram.it('that nobody answers is over when its time is', async () => {
    const { page } = await atDoor('chen')
    await page.clock.install()
    await order(page, 'restart')
    await page.locator(SEND).click()
    await page.locator('.confirm .order[data-state=sent]').waitFor()
    await page.clock.fastForward(31_000)
    await page.locator('.confirm .order[data-state=silent]', { hasText: '已过期，设备没有回答' }).waitFor()
  })

  browserProgram.it('answered while the line was down is found when it is up again', async () => {
    const { stand, page } = await atDoor('chen')
    await page.clock.install()
    await order(page, 'restart')
    await page.locator(SEND).click()
    await page.locator('.confirm .order[data-state=sent]').waitFor()
    stand.cutLines()
    await page.locator('#link[data-link=disconnected]').waitFor({ state: 'attached' })
    stand.answer(sentId(stand), true, 'done')
    await page.clock.fastForward(3100)
    await page.locator('.confirm .order[data-state=done]').waitFor()
  })

  browserProgram.it('to a device that is away is not sent, and the form stays', async () => {
    const { stand, page } = await atDoor('chen')
    stand.isAway = true
    await order(page, 'self-test')
    await page.locator(SEND).click()
    await page.locator('.confirm .error', { hasText: '设备不在线，指令没有发出' }).waitFor()
    expect(await page.getByLabel('事由 Purpose').inputValue()).toBe('演练 drill')
  })

  browserProgram.it('for a report lays it out', async () => {
    const { stand, page } = await atDoor('li')
    await order(page, 'send-diagnostics')
    await page.locator(SEND).click()
    await page.locator('.confirm .order').waitFor()
    stand.answer(sentId(stand), true, '{"uptimeSeconds":71,"<b>":"x"}')
    await page.locator('.confirm summary', { hasText: '报告' }).click()
    expect(await page.locator('.confirm pre').innerText()).toBe('{\n  "uptimeSeconds": 71,\n  "<b>": "x"\n}')
  })
})

describe('the panel of a device', () => {
  browserProgram.it('opens from its card, closes with Esc, and gives the focus back', async () => {
    const stand = await standIn()
    const { page } = await openedAs('wang', stand)
    const link = page.getByRole('link', { name: 'hall-door-1' })
    await link.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'hall-door-1' }).waitFor()
    expect(new URL(page.url()).hash).toBe('#/devices/hall-door-1')
    await page.keyboard.press('Escape')
    await page.locator('.panel').waitFor({ state: 'detached' })
    expect(new URL(page.url()).hash).toBe('#/')
    expect(await link.evaluate(node => node === document.activeElement)).toBe(true)
  })

  browserProgram.it('goes from one device to the next, and back, with the address', async () => {
    const { page } = await atDoor('wang')
    await page.evaluate(() => {
      location.hash = '#/devices/hall-door-2'
    })
    await page.getByRole('dialog', { name: 'hall-door-2' }).waitFor()
    expect(await page.locator('.panel').count()).toBe(1)
    await page.goBack()
    await page.getByRole('dialog', { name: 'hall-door-1' }).waitFor()
  })

  browserProgram.it(
    'tells certificates, keys, clock, firmware, and what is desired beside what is reported',
    async () => {
      const { page } = await atDoor('wang')
      const panel = page.locator('.panel')
      expect(await panel.locator('[data-history=certificates] li').allInnerTexts()).toEqual([
        expect.stringMatching(/还有 85 天\s+85 days left/),
        expect.stringMatching(/已过期\s+expired/),
      ])
      expect(await panel.locator('[data-history=keys] li').allInnerTexts()).toEqual([
        expect.stringMatching(/现用\s+in use.*ab12 cd34/s),
        expect.stringMatching(/已更换\s+replaced.*ff00 ee11/s),
      ])
      const text = await panel.innerText()
      for (const said of [/已连接\s+connected/, /已校时\s+synchronised/, /ankang-edge 0\.1\.0/, /第 3 版已生效/])
        expect(text).toMatch(said)
      expect(await panel.locator('.compare tbody tr').allInnerTexts()).toEqual([
        expect.stringMatching(/Log level\s+info\s+info$/),
        expect.stringMatching(/Health report.*30\s+30$/),
        expect.stringMatching(/Signed head.*–\s+300$/),
      ])
    },
  )

  browserProgram.it('and the card show a lockdown at once', async () => {
    const { stand, page } = await atDoor('wang')
    stand.setDevice(deviceView('hall-door-1', { lockdown: true }))
    await page.locator('.panel .banner', { hasText: '封闭：只出不进' }).waitFor()
    const card = page.locator('.device-card', { hasText: 'hall-door-1' })
    expect(await card.locator('.banner:visible').textContent()).toMatch(/封闭：只出不进\s+lockdown: exit only/)
    expect(await page.locator('.device-card', { hasText: 'hall-door-2' }).locator('.banner').isVisible()).toBe(false)
    stand.setDevice(deviceView('hall-door-1', { lockdown: false }))
    await page.locator('.panel .banner').waitFor({ state: 'detached' })
    expect(await card.locator('.banner').isVisible()).toBe(false)
  })

  browserProgram.it('revokes after saying what follows, and offers nothing more then', async () => {
    const { stand, page } = await atDoor('he')
    await page.getByRole('button', { name: '吊销设备' }).click()
    expect(await page.locator('.confirm .rules').innerText()).toMatch(/立即断开连接.*隔离.*重新入网/s)
    await page.locator(SEND).click()
    expect(stand.changes).not.toContain('POST /api/devices/hall-door-1/revocation')
    await page.getByLabel('原因 Reason').fill('被盗 stolen')
    await page.locator(SEND).click()
    await page.locator('.panel .banner', { hasText: '被盗 stolen' }).waitFor()
    expect(stand.revoked.get('hall-door-1')?.reason).toBe('被盗 stolen')
    expect(await page.getByRole('button', { name: '吊销设备' }).isVisible()).toBe(false)
    expect(await page.locator('.device-card', { hasText: 'hall-door-1' }).locator('.banner').textContent()).toMatch(
      /已吊销/,
    )
  })

  browserProgram.it('sends desired settings, leaving out what the device’s own file is to say', async () => {
    const { stand, page } = await atDoor('li')
    await page.getByRole('button', { name: '更改设定' }).click()
    expect(await page.getByLabel('日志级别').inputValue()).toBe('info')
    await page.getByLabel('日志级别').selectOption('')
    await page.getByLabel('链头签名间隔').fill('60')
    await page.getByLabel('事由 Purpose').fill('更勤地签 sign more often')
    await page.locator(SEND).click()
    await page.locator('.panel .standing', { hasText: '第 4 版等待设备，现用第 3 版' }).waitFor()
    expect(stand.settings).toMatchObject({ desired: { config: { healthSeconds: 30, headSeconds: 60 } } })
  })
})
