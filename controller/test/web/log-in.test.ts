import { describe, expect } from 'vitest'
import { browserProgram, logInAs, opened, openedAs } from './fixtures/open-page.ts'
import { readQr } from './fixtures/read-qr.ts'
import { standIn } from './fixtures/stand-in.ts'
import { GOOD_CODE, GOOD_PASSWORD, SECRET } from './fixtures/stand-in-people.ts'

const NAME = '名称 Name'
const PASSWORD = '密码 Password'
const LOG_IN = { name: '登录 Log in' }

describe('logging in', () => {
  browserProgram.it('leads a new operator through every stage, from a one-time password to the live page', async () => {
    const stand = await standIn()
    stand.people.add('lin', 'operator', { password: 'once-only', mustChange: true, hasSecondFactor: false })
    const { page, complaints } = await opened(stand.url)
    await page.getByLabel(NAME).fill('lin')
    await page.getByLabel(PASSWORD).fill('once-only')
    await page.getByRole('button', LOG_IN).click()

    await page.getByRole('heading', { name: '设定自己的密码' }).waitFor()
    expect(await page.locator('#log-in .rules').innerText()).toMatch(/至少 12 个字符/)
    await page.getByLabel('新密码').fill(GOOD_PASSWORD)
    await page.getByLabel('再输一遍').fill(`${GOOD_PASSWORD}!`)
    await page.getByRole('button', { name: '保存密码' }).click()
    expect(stand.people.operators.get('lin')?.password).toBe('once-only')
    await page.getByLabel('再输一遍').fill(GOOD_PASSWORD)
    await page.getByRole('button', { name: '保存密码' }).click()

    await page.getByRole('heading', { name: '设置第二因素' }).waitFor()
    expect(stand.people.operators.get('lin')?.password).toBe(GOOD_PASSWORD)
    expect(await readQr(page.locator('#log-in .qr'))).toBe(`otpauth://totp/Ankang:lin?secret=${SECRET}&issuer=Ankang`)
    const groups = await page.locator('.secret span').allTextContents()
    expect(groups.every(group => group.length === 4)).toBe(true)
    expect(groups.join('')).toBe(SECRET)
    await page.getByLabel('验证码').fill('123 456')
    await page.getByRole('button', { name: '完成设置' }).click()

    await page.locator('#link[data-link=live]').waitFor()
    expect(await page.locator('#log-in').isVisible()).toBe(false)
    expect(await page.locator('#who').innerText()).toMatch(/lin\s+值班员 operator/)
    expect(complaints).toEqual([])
  })

  browserProgram.it('asks for six digits in a field that phones fill in by themselves', async () => {
    const stand = await standIn()
    const { page } = await opened(stand.url)
    await page.getByLabel(NAME).fill('chen')
    await page.getByLabel(PASSWORD).fill(GOOD_PASSWORD)
    await page.keyboard.press('Enter')
    const code = page.getByLabel('验证码 Code')
    await code.waitFor()
    expect(await code.evaluate(node => node === document.activeElement)).toBe(true)
    expect(await code.getAttribute('autocomplete')).toBe('one-time-code')
    expect(await code.getAttribute('inputmode')).toBe('numeric')
    await code.fill('000000')
    await page.keyboard.press('Enter')
    expect(await page.getByRole('alert').innerText()).toMatch(/验证码不对.*Wrong code/)
    await code.fill(GOOD_CODE)
    await page.keyboard.press('Enter')
    await page.locator('#link[data-link=live]').waitFor()
  })

  browserProgram.it('says that name or password is wrong, and not which', async () => {
    const stand = await standIn()
    const { page } = await opened(stand.url)
    for (const name of ['chen', 'nobody']) {
      await page.getByLabel(NAME).fill(name)
      await page.getByLabel(PASSWORD).fill('wrong')
      await page.getByRole('button', LOG_IN).click()
      expect(await page.getByRole('alert').innerText()).toMatch(/名称或密码不对\s+Name or password is wrong/)
      await page.locator('#log-in button[aria-busy]').waitFor({ state: 'detached' })
    }
    expect(await page.getByLabel(PASSWORD).inputValue()).toBe('')
  })

  browserProgram.it('tells until when an account is locked', async () => {
    const stand = await standIn()
    stand.people.add('sun', 'viewer', { lockedSeconds: 240 })
    const { page } = await opened(stand.url)
    await page.getByLabel(NAME).fill('sun')
    await page.getByLabel(PASSWORD).fill(GOOD_PASSWORD)
    await page.getByRole('button', LOG_IN).click()
    expect(await page.getByRole('alert').innerText()).toMatch(
      /已锁定；请在 \d\d:\d\d:\d\d 之后再试（约 4 分钟）.*locked until/,
    )
  })

  browserProgram.it('begins again when the half-made session is gone', async () => {
    const stand = await standIn()
    const { page } = await opened(stand.url)
    await page.getByLabel(NAME).fill('chen')
    await page.getByLabel(PASSWORD).fill(GOOD_PASSWORD)
    await page.getByRole('button', LOG_IN).click()
    await page.getByLabel('验证码 Code').fill(GOOD_CODE)
    stand.people.endAll()
    await page.getByRole('button', { name: '继续 Go on' }).click()
    await page.getByLabel(NAME).waitFor()
    expect(await page.locator('#log-in-notice').innerText()).toMatch(/请从头开始\s+The log-in was interrupted/)
  })

  browserProgram.it('cannot be closed with Esc', async () => {
    const stand = await standIn()
    const { page } = await opened(stand.url)
    await page.getByLabel(NAME).waitFor()
    for (let press = 0; press < 3; press++) await page.keyboard.press('Escape')
    expect(await page.getByLabel(NAME).isVisible()).toBe(true)
    expect(await page.locator('#who').isVisible()).toBe(false)
  })
})

describe('a session', () => {
  browserProgram.it('lives on when the page is loaded anew', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand)
    await page.reload()
    await page.locator('#link[data-link=live]').waitFor()
    expect(await page.locator('#who-name').textContent()).toBe('chen')
  })

  browserProgram.it('keeps nothing that gives access where a script of tomorrow could read it', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand)
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, ''])
  })

  browserProgram.it('ends with the log-in over what was being done, which is there afterwards', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand, { at: '#/devices/hall-door-1' })
    await page.locator('[data-order=self-test]').click()
    await page.getByLabel('事由 Purpose').fill('每周检查 weekly')
    stand.endSessions()
    await page.locator('#log-in-notice', { hasText: '会话已结束' }).waitFor()
    expect(await page.locator('#log-in').evaluate(node => getComputedStyle(node).backgroundColor)).not.toMatch(/0\)$/)
    await logInAs(page, 'chen')
    expect(new URL(page.url()).hash).toBe('#/devices/hall-door-1')
    expect(await page.getByLabel('事由 Purpose').inputValue()).toBe('每周检查 weekly')
    await page.locator('.confirm button[type=submit]').click()
    await page.locator('.confirm .order[data-state=sent]').waitFor()
  })

  browserProgram.it('that is gone when something is sent asks for the log-in, and loses nothing', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand, { at: '#/devices/hall-door-1' })
    await page.locator('[data-order=restart]').click()
    await page.getByLabel('事由 Purpose').fill('更新后 after the update')
    stand.people.endAll()
    await page.locator('.confirm button[type=submit]').click()
    await logInAs(page, 'chen')
    expect(await page.locator('.confirm .error').innerText()).toMatch(/请重新登录/)
    expect(await page.getByLabel('事由 Purpose').inputValue()).toBe('更新后 after the update')
    expect(stand.commands.size).toBe(0)
  })

  browserProgram.it('whose token another tab has changed goes on by itself', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand, { at: '#/devices/hall-door-1' })
    await page.locator('[data-order=restart]').click()
    await page.getByLabel('事由 Purpose').fill('更新后 after the update')
    for (const session of stand.people.sessions.values()) session.csrf = 'another'
    await page.locator('.confirm button[type=submit]').click()
    await page.locator('.confirm .order[data-state=sent]').waitFor()
    expect(stand.commands.size).toBe(1)
  })

  browserProgram.it('that has become somebody else’s in another tab sends nothing in their name', async () => {
    const stand = await standIn()
    const { page, context } = await openedAs('chen', stand, { at: '#/devices/hall-door-1' })
    await page.locator('[data-order=restart]').click()
    await page.getByLabel('事由 Purpose').fill('更新后 after the update')
    const other = await context.newPage()
    await other.goto(stand.url)
    await other.getByRole('button', { name: '退出 Log out' }).click()
    await logInAs(other, 'li')
    await page.locator('.confirm button[type=submit]').click()
    await page.locator('.confirm .error', { hasText: '此页已过时' }).waitFor()
    expect(stand.commands.size).toBe(0)
  })

  browserProgram.it('is where an operator changes their own password, with the one they have', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand)
    await page.locator('#own-password').click()
    await page.getByLabel('现用密码').fill('wrong')
    for (const label of ['新密码', '再输一遍']) await page.getByLabel(label).fill('four white egrets at dusk')
    await page.getByRole('button', { name: '保存密码' }).click()
    await page.locator('.confirm .error', { hasText: '名称或密码不对' }).waitFor()
    await page.getByLabel('现用密码').fill(GOOD_PASSWORD)
    await page.getByRole('button', { name: '保存密码' }).click()
    await page.locator('.confirm').waitFor({ state: 'detached' })
    expect(stand.people.operators.get('chen')?.password).toBe('four white egrets at dusk')
    expect(await page.locator('#announce').textContent()).toMatch(/密码已更改/)
  })

  browserProgram.it('of somebody else begins with a fresh page', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand, { at: '#/devices/hall-door-1' })
    await page.locator('[data-order=restart]').click()
    await page.getByLabel('事由 Purpose').fill('更新后 after the update')
    stand.endSessions()
    await page.getByLabel(NAME).waitFor()
    await logInAs(page, 'wang')
    await page.locator('#who-name', { hasText: 'wang' }).waitFor()
    await page.locator('.panel').waitFor()
    expect(await page.locator('.confirm').count()).toBe(0)
    expect(await page.locator('[data-order]').count()).toBe(0)
  })

  browserProgram.it('ends by the operator’s own hand, and leaves nothing on the page', async () => {
    const stand = await standIn()
    const { page } = await openedAs('chen', stand)
    await page.locator('.showing').first().waitFor()
    await page.getByRole('button', { name: '退出 Log out' }).click()
    await page.getByLabel(NAME).waitFor()
    expect(stand.people.sessions.size).toBe(0)
    expect(await page.locator('.showing, .device-card').count()).toBe(0)
  })
})
