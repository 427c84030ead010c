import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { browserProgram, openedAs, SIZES } from './fixtures/open-page.ts'
import { standIn } from './fixtures/stand-in.ts'
import { deviceView, showing } from './fixtures/stand-in-hall.ts'

const EXPIRED = {
  outcome: 'deny',
  reason: 'expired',
  zh: '码已过期',
  en: 'The code has expired',
  symbol: 'clock',
  signalColour: 'red',
}

const focusedId = (page: Page) => page.evaluate(() => document.activeElement?.id)

describe.each(SIZES)('the live page at $width pixels', size => {
  browserProgram.it('shows every device and every showing, with its reason in Chinese and English', async () => {
    const stand = await standIn()
    const { page, complaints } = await openedAs('wang', stand, { viewport: size })
    const row = page.locator('.showing[data-outcome=deny]')
    expect(await row.locator('.zh').textContent()).toBe('截图或旧码，请刷新')
    expect(await row.locator('.en').textContent()).toBe('Old code or a picture of one: refresh')
    expect(await row.locator('use').getAttribute('href')).toBe('#clock')
    expect(await row.locator('.outcome').textContent()).toMatch(/拒绝\s+deny/)
    expect(await row.locator('.stages').textContent()).toMatch(/读取.*2\.1.*判定.*0\.1/s)
    const card = page.locator('.device-card', { hasText: 'hall-door-1' })
    expect(await card.locator('.state').textContent()).toMatch(/就绪\s+ready/)
    expect(await card.locator('.stored').textContent()).toBe('1,204')
    expect(await page.locator('.device-card').count()).toBe(2)
    expect(await page.locator('#total-devices').textContent()).toBe('2 / 2')
    expect(complaints).toEqual([])
  })

  browserProgram.it('says what the scene says of a showing, and nothing where it says nothing', async () => {
    const stand = await standIn()
    const note = { zh: '8路 上行 第3站 · 学生 1.00元', en: 'line 8 up, stop 3 · student ¥1.00' }
    stand.showings.unshift(showing('hall-door-1', 4, { note }))
    const { page } = await openedAs('wang', stand, { viewport: size })
    expect(await page.locator('.showing .note:visible').allTextContents()).toEqual([`${note.zh} ${note.en}`])
  })
})

describe('the live page', () => {
  browserProgram.it('adds a showing by itself, on top, and only once', async () => {
    const stand = await standIn()
    const { page } = await openedAs('wang', stand)
    const next = showing('hall-door-2', 9, EXPIRED)
    for (let told = 0; told < 2; told++) stand.tell('showing', next)
    stand.tell('showing', showing('hall-door-2', 10, { outcome: 'refer' }))
    await page.locator('.showing[data-outcome=refer]').waitFor()
    expect(await page.locator('.showing .zh').allTextContents()).toEqual([
      '请通行',
      '码已过期',
      '请通行',
      '截图或旧码，请刷新',
      '请通行',
    ])
  })

  browserProgram.it('says of what it asks by itself that nobody did, and of what somebody asks nothing', async () => {
    const stand = await standIn()
    const { page } = await openedAs('li', stand)
    await page.clock.install()
    const next = async (path: string, cause: () => unknown): Promise<string> => {
      const asked = page.waitForRequest(request => new URL(request.url()).pathname === path)
      await cause()
      return (await (await asked).allHeaders())['x-background'] ?? 'somebody'
    }
    const goTo = (place: string) => () => page.evaluate(hash => location.assign(hash), place)
    const detail = '/api/devices/hall-door-1'
    expect(await next(detail, goTo('#/devices/hall-door-1'))).toBe('somebody')
    await page.locator('[data-history=keys] li').first().waitFor()
    for (const path of ['/api/summary', detail]) {
      const asked = await next(path, () => stand.setDevice(deviceView('hall-door-1')))
      expect([path, asked]).toEqual([path, '1'])
    }
    expect(await next('/api/enrolment-codes', goTo('#/enrol'))).toBe('somebody')
    expect(await next('/api/enrolment-codes', () => page.clock.runFor(5100))).toBe('1')
    // the line is lost, and comes back: all of it is asked anew
    for (const path of ['/api/session', '/api/devices', '/api/showings']) {
      const asked = await next(path, async () => {
        stand.cutLines()
        await page.locator('#link[data-link=disconnected]').waitFor()
        await page.clock.runFor(3100)
      })
      expect([path, asked]).toEqual([path, '1'])
      await page.locator('#link[data-link=live]').waitFor()
    }
  })

  browserProgram.it('tells a lost device by symbol and word, and aloud', async () => {
    const stand = await standIn()
    const { page } = await openedAs('wang', stand)
    stand.setDevice(deviceView('hall-door-1', { state: 'lost' }))
    const state = page.locator('.device-card[data-tone=red] .state')
    await state.waitFor()
    expect(await state.textContent()).toMatch(/失联\s+lost/)
    expect(await state.locator('use').getAttribute('href')).toBe('#broken')
    expect(await page.locator('#announce').textContent()).toContain('失联')
    expect(await page.locator('#total-devices').textContent()).toBe('1 / 2')
  })

  browserProgram.it('shows a device that was enrolled while it was open', async () => {
    const stand = await standIn()
    const { page } = await openedAs('wang', stand)
    stand.setDevice(deviceView('hall-door-3'))
    await page.locator('.device-card', { hasText: 'hall-door-3' }).waitFor()
    expect(await page.locator('#filter-device option').allTextContents()).toContain('hall-door-3')
  })

  browserProgram.it('can be used with the keyboard alone', async () => {
    const stand = await standIn()
    const { page } = await openedAs('wang', stand)
    await page.reload()
    await page.locator('.device-card').first().waitFor()
    const outlineOf = (selector: string) => page.locator(selector).evaluate(node => getComputedStyle(node).outlineWidth)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip to showings')
    await page.keyboard.press('Enter')
    expect(await focusedId(page)).toBe('showings')
    await page.keyboard.press('Tab')
    expect(await focusedId(page)).toBe('filter-device')
    expect(await outlineOf('#filter-device')).toBe('3px')
    await page.keyboard.press('Tab')
    expect(await outlineOf('.segments input:focus-visible + span')).toBe('3px')
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('.showing').count()).toBe(2)
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('.showing .zh').allInnerTexts()).toEqual(['截图或旧码，请刷新'])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.locator('#pause').getAttribute('aria-pressed')).toBe('true')
    stand.tell('showing', showing('hall-door-1', 9, EXPIRED))
    await page.locator('#pause', { hasText: '+1' }).waitFor()
    expect(await page.locator('.showing').count()).toBe(1)
    await page.keyboard.press('Enter')
    expect(await page.locator('.showing').count()).toBe(2)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('hall-door-1')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.locator('.device-card.chosen').textContent()).toContain('hall-door-1')
    expect(await page.locator('#filter-device').inputValue()).toBe('hall-door-1')
  })

  browserProgram.it('has landmarks, one first heading, and its language', async () => {
    const stand = await standIn()
    const { page } = await openedAs('zhao', stand)
    for (const landmark of ['banner', 'main', 'complementary', 'navigation'] as const)
      expect(await page.getByRole(landmark).count()).toBe(1)
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN')
    await page.getByRole('link', { name: '审计 Audit' }).click()
    await page.getByRole('heading', { name: '审计日志' }).waitFor()
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('complementary').count()).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/审计日志/)
  })

  browserProgram.it('says that it is disconnected, and catches up by itself when the line is back', async () => {
    const stand = await standIn()
    const { page } = await openedAs('wang', stand)
    await page.clock.install()
    stand.cutLines()
    const link = page.locator('#link[data-link=disconnected]')
    await link.waitFor()
    expect(await link.textContent()).toMatch(/连接中断\s+disconnected/)
    expect(await page.locator('#log-in').isVisible()).toBe(false)
    stand.showings.unshift(showing('hall-door-1', 20, EXPIRED))
    await page.clock.fastForward(3100)
    await page.locator('#link[data-link=live]').waitFor()
    await page.locator('.showing', { hasText: '码已过期' }).waitFor()
    expect(await page.locator('.showing').count()).toBe(4)
  })
})
