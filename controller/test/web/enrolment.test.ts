import { decodeEnrolmentCode } from '@ankang/protocol'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { browserProgram, DESKTOP, openedAs, PHONE, SIZES } from './fixtures/open-page.ts'
import { readQr } from './fixtures/read-qr.ts'
import { type StandIn, standIn } from './fixtures/stand-in.ts'

async function makeCode(page: Page, device = 'hall-door-3'): Promise<void> {
  await page.getByLabel('地点 Site').fill('hall')
  await page.getByLabel('设备编号').fill(device)
  await page.getByRole('button', { name: '生成入网码' }).click()
  await page.locator('.typed').waitFor()
}

async function withCode(viewport = DESKTOP): Promise<{ stand: StandIn; page: Page }> {
  const stand = await standIn()
  const { page } = await openedAs('li', stand, { viewport, at: '#/enrol' })
  await page.clock.install()
  await makeCode(page)
  return { stand, page }
}

describe.each(SIZES)('an enrolment code at $width pixels', size => {
  browserProgram.it('can be typed and can be scanned, and both are the same', async () => {
    const { page } = await withCode(size)
    const groups = await page.locator('.typed span').allTextContents()
    expect(groups).toHaveLength(11)
    const typed = decodeEnrolmentCode(groups.join('-'))
    expect(typed.ok).toBe(true)
    const scanned = await readQr(page.locator('.code-sheet .qr-frame'))
    expect(scanned).toMatch(/^AKE1:/)
    expect(decodeEnrolmentCode(scanned ?? '')).toEqual(typed)
  })
})

describe('enrolling a device', () => {
  browserProgram.it('copies the code for whoever sends it on', async () => {
    const { page } = await withCode()
    await page.getByRole('button', { name: '复制 Copy' }).click()
    await page.getByRole('button', { name: '已复制 Copied' }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toBe((await page.locator('.typed span').allTextContents()).join('-'))
  })

  browserProgram.it('refuses a device id that no topic could carry, before anything is sent', async () => {
    const stand = await standIn()
    const { page } = await openedAs('li', stand, { at: '#/enrol' })
    await page.getByLabel('地点 Site').fill('hall')
    for (const device of ['Hall-Door', 'hall.door', 'hall door', 'hall/door', '门-1', '-hall', '']) {
      await page.getByLabel('设备编号').fill(device)
      await page.getByRole('button', { name: '生成入网码' }).click()
      expect(await page.getByLabel('设备编号').evaluate(node => (node as HTMLInputElement).validity.valid)).toBe(false)
    }
    expect(stand.changes.filter(change => change.includes('enrolment'))).toEqual([])
  })

  browserProgram.it('counts down, and shows the code no longer than it is good', async () => {
    const { page } = await withCode()
    expect(await page.locator('.timer').innerText()).toMatch(/^还有 1[45]:\d\d\s+left$/)
    await page.clock.fastForward('15:01')
    await page.locator('.timer', { hasText: '此码已过期' }).waitFor()
    expect(await page.locator('.typed, .code-sheet .qr').count()).toBe(0)
    await page.getByRole('button', { name: '再入网一台' }).click()
    expect(await page.getByLabel('地点 Site').evaluate(node => node === document.activeElement)).toBe(true)
  })

  browserProgram.it('tells that the device has come', async () => {
    const { stand, page } = await withCode()
    stand.codes.set('hall-door-3', { ...stand.codes.get('hall-door-3'), usedMs: Date.now() })
    await page.clock.fastForward(5100)
    await page.locator('.timer', { hasText: 'hall-door-3 已入网' }).waitFor()
    expect(await page.locator('.typed').count()).toBe(0)
    expect(await page.locator('.open-codes li').count()).toBe(0)
  })

  browserProgram.it('lists the open codes and withdraws one, which takes it off the screen', async () => {
    const { stand, page } = await withCode(PHONE)
    const row = page.locator('.open-codes li')
    await row.waitFor()
    expect(await row.innerText()).toMatch(/hall-door-3.*还有 1[45]:.*hall · li · /s)
    await page.getByRole('button', { name: '撤回 hall-door-3 的码' }).click()
    await row.waitFor({ state: 'detached' })
    expect(stand.codes.size).toBe(0)
    expect(await page.locator('.timer').innerText()).toMatch(/此码已撤回/)
    expect(await page.locator('.typed').count()).toBe(0)
  })
})
