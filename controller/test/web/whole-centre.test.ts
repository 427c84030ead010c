import { X509Certificate } from 'node:crypto'
import { decodeEnrolmentCode, enrolmentPin } from '@ankang/protocol'
import { describe, expect } from 'vitest'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { deviceLine, runningController } from '../fixtures/running-controller.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'
import { browserProgram, opened } from './fixtures/open-page.ts'
import { readQr } from './fixtures/read-qr.ts'
import { answerOrder, firstLogIn, obedientDevice, openedOn } from './fixtures/whole-centre.ts'

const SEND = '.confirm button[type=submit]'

/* The page on a whole controller: real HTTPS, sessions, store and broker. What the page alone does is tested on the stand-in. */

describe('the page of a whole controller', () => {
  browserProgram.it('lets the first operator in, who lets the next one in', async () => {
    const controller = await runningController([])
    const { page, complaints } = await opened(controller.httpUrl)
    await firstLogIn(page, controller.firstOperator ?? expect.fail('expected a first operator'))
    await page.getByRole('link', { name: '操作员 Operators' }).click()
    await page.getByLabel('名称 Name').fill('li')
    await page.getByLabel('角色 Role', { exact: true }).selectOption('auditor')
    await page.getByRole('button', { name: '新建操作员' }).click()
    const oneTimePassword = (await page.locator('.once').textContent()) ?? ''
    await page.getByRole('button', { name: '已抄下' }).click()
    await page.getByRole('button', { name: '退出 Log out' }).click()
    await firstLogIn(page, { name: 'li', oneTimePassword })
    await page.getByRole('link', { name: '审计 Audit' }).click()
    const rows = page.locator('#other tbody tr')
    await rows.first().waitFor()
    expect(await rows.allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/admin.*operator\.create.*li/s)]),
    )
    await page.getByRole('button', { name: '核对整条链' }).click()
    await page.locator('.chain[data-tone=green]').waitFor()
    expect(complaints).toEqual([])
  })

  browserProgram.it('tells until when an account is locked', async () => {
    const controller = await runningController([])
    const { page } = await opened(controller.httpUrl)
    const alert = page.locator('#log-in .error')
    for (let tries = 0; tries < 6; tries++) {
      await page.getByLabel('名称 Name').fill('admin')
      await page.getByLabel('密码 Password').fill('wrong')
      await page.getByRole('button', { name: '登录 Log in' }).click()
      await page.locator('#log-in button[aria-busy]').waitFor({ state: 'detached' })
      await alert.waitFor()
    }
    expect(await alert.innerText()).toMatch(/已锁定；请在 \d\d:\d\d:\d\d 之后再试（约 1 分钟）/)
  })

  browserProgram.it('shows what devices send, as it comes, and names no person whatever a record holds', async () => {
    const door = new SigningDevice().write(1).write(1, () => ({
      reason: '341523199001011234',
      scene: '张三',
      sceneMap: new Map([[1, '李四']]),
    }))
    const controller = await runningController([door])
    const line = await deviceLine(controller, door)
    await line.ask('records', door.batch(1, 2))
    const { page, complaints } = await openedOn(controller, 'viewer')
    expect(await page.locator('.showing').count()).toBe(2)
    expect(await page.content()).not.toMatch(/\d{17}[\dX]|张三|李四/)
    door.write(1, () => ({ outcome: 'refer', reason: 'ask-online' }))
    await line.ask('records', door.batch(3, 3))
    await page.locator('.showing[data-outcome=refer]').waitFor()
    expect(await page.locator('.showing').first().locator('.zh').textContent()).toBe('需联网核验')
    await page.locator('#total-records', { hasText: '3' }).waitFor()
    line.client.stream.destroy()
    await page.locator('.device-card[data-tone=red] .state', { hasText: '失联' }).waitFor()
    expect(complaints).toEqual([])
  })

  browserProgram.it('gives an order that the device carries out, and shows its word', async () => {
    const door = new SigningDevice()
    const controller = await runningController([door])
    const line = await obedientDevice(controller, door)
    const { page, complaints } = await openedOn(controller, 'operator', '#/devices/hall-door-1')
    const ordered = line.nextOrder()
    await page.locator('[data-order=lockdown]').click()
    await page.getByLabel('事由 Purpose').fill('演练\n drill')
    await page.locator(SEND).click()
    const { id, name, args } = await ordered
    expect({ name, args }).toEqual({ name: 'lockdown', args: {} })
    await page.locator('.confirm .order[data-state=sent]').waitFor()
    await answerOrder(line, door, id, { ok: true, detail: 'done' })
    await page.locator('.confirm .order[data-state=done]', { hasText: '演练 drill' }).waitFor()
    const counters = { admitted: 0, denied: 0, referred: 0, readerFaults: 0, actionsFailed: 0 }
    const health = {
      timeMs: Date.now(),
      backlog: 0,
      oldestUnsentMs: null,
      clock: 'synced',
      bundleAgeSeconds: null,
      counters,
    }
    await line.say('health', { ...health, residentBytes: 1, lockdown: true })
    await page.locator('.panel .banner', { hasText: '封闭' }).waitFor()
    await page.locator('.panel', { hasText: '已校时' }).waitFor()
    expect(complaints).toEqual([])
  })

  browserProgram.it('makes a code with which a box is enrolled, and tells that it was', async () => {
    const controller = await runningController([])
    const { page, complaints } = await openedOn(controller, 'technician', '#/enrol')
    await page.getByLabel('地点 Site').fill('hall')
    await page.getByLabel('设备编号').fill('hall-door-7')
    await page.getByRole('button', { name: '生成入网码' }).click()
    await page.locator('.typed').waitFor()
    const scanned = decodeEnrolmentCode((await readQr(page.locator('.code-sheet .qr-frame'))) ?? '')
    if (!scanned.ok) return expect.fail(scanned.detail)
    const anchors = await page.evaluate(async () => (await fetch('/enrolment/anchors')).json())
    const ca = new Uint8Array(new X509Certificate(anchors.ca).raw)
    expect(enrolmentPin(ca, Buffer.from(anchors.trust))).toEqual(scanned.value.pin)
    const typed = (await page.locator('.typed span').allTextContents()).join('-')
    const box = await EnrollingBox.make({ device: 'hall-door-7' })
    const request = await box.request(typed)
    const status = await page.evaluate(async body => {
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/enrolment', { method: 'POST', headers, body: JSON.stringify(body) })).status
    }, request)
    expect(status).toBe(200)
    await page.locator('.timer', { hasText: 'hall-door-7 已入网' }).waitFor()
    expect(complaints).toEqual([])
  })

  browserProgram.it('revokes a device, and its line is cut', async () => {
    const door = new SigningDevice()
    const controller = await runningController([door])
    const line = await obedientDevice(controller, door)
    const { page } = await openedOn(controller, 'security-administrator', '#/devices/hall-door-1')
    const cut = new Promise<void>(resolve => line.client.once('close', () => resolve()))
    await page.getByRole('button', { name: '吊销设备' }).click()
    await page.getByLabel('原因 Reason').fill('被盗 stolen')
    await page.locator(SEND).click()
    await cut
    await page.locator('.panel .banner', { hasText: '被盗 stolen' }).waitFor()
    await page.locator('.panel', { hasText: '未连接' }).waitFor()
  })

  browserProgram.it('sends settings to a device and shows what it made of them', async () => {
    const door = new SigningDevice()
    const controller = await runningController([door])
    const line = await obedientDevice(controller, door)
    const { page } = await openedOn(controller, 'technician', '#/devices/hall-door-1')
    await page.getByRole('button', { name: '更改设定' }).click()
    await page.getByLabel('日志级别').selectOption('debug')
    await page.getByLabel('事由 Purpose').fill('查故障 a fault')
    await page.locator(SEND).click()
    await page.locator('.panel .standing', { hasText: '设备还没有回报' }).waitFor()
    await line.say('reported', { version: 1, appliedMs: Date.now(), config: { logLevel: 'debug' } }, true)
    await page.locator('.panel .standing', { hasText: '第 1 版已生效' }).waitFor()
  })

  browserProgram.it('says that it is disconnected, and is where it was when the controller is back', async () => {
    const door = new SigningDevice().write(1)
    const home = tempFolder()
    const first = await runningController([door], { home })
    await (await deviceLine(first, door)).ask('records', door.batch(1, 1))
    const { page } = await openedOn(first, 'viewer')
    const httpPort = Number(new URL(first.httpUrl).port)
    await first.close()
    await page.locator('#link[data-link=disconnected]').waitFor()
    const second = await runningController([door], { home, ports: { httpPort } })
    expect(second.httpUrl).toBe(first.httpUrl)
    door.write(1, () => ({ outcome: 'deny', reason: 'expired' }))
    await (await deviceLine(second, door)).ask('records', door.batch(2, 2))
    await page.locator('#link[data-link=live]').waitFor()
    await page.locator('.showing', { hasText: '码已过期' }).waitFor()
    expect(await page.locator('.showing').count()).toBe(2)
  })
})
