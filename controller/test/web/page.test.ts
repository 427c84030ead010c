import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { rideBody } from '../fixtures/bus-rides.ts'
import { deviceLine, runningController } from '../fixtures/running-controller.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

const browserProgram = requirement('chromium')
const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
const SIZES = [DESKTOP, PHONE]

let browser: Promise<Browser> | null = null

function launched(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: browserProgram.value,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  return browser
}

afterAll(async () => {
  await (await browser)?.close()
})

interface OpenPage {
  readonly page: Page
  /** What the page or the browser complained about. */
  readonly complaints: readonly string[]
}

async function opened(url: string, viewport = DESKTOP, scheme: 'light' | 'dark' = 'light'): Promise<OpenPage> {
  const context = await (await launched()).newContext({ viewport, colorScheme: scheme, reducedMotion: 'reduce' })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(url)
  await page.locator('#link[data-link=live]').waitFor()
  return { page, complaints }
}

async function busyHall() {
  const door = new SigningDevice({ seed: Buffer.alloc(32, 1) })
    .write(1)
    .write(1, () => ({ outcome: 'deny', reason: 'proof-stale', colour: 'unknown' }))
  const other = new SigningDevice({
    device: 'a-device-with-a-name-of-forty-characters',
    seed: Buffer.alloc(32, 2),
  }).write(1)
  const controller = await runningController([door, other])
  const line = await deviceLine(controller.mqttUrl, door)
  await line.ask('records', door.batch(1, 2))
  await line.say('state', { state: 'ready', scene: 'hall-door' }, true)
  const otherLine = await deviceLine(controller.mqttUrl, other)
  await otherLine.say('alarms', { timeMs: 1, kind: 'door', detail: 'held open '.repeat(20) })
  await otherLine.ask('records', other.batch(1, 1))
  return { door, other, controller, line, otherLine }
}

async function busyBus() {
  const bus = new SigningDevice({ site: 'depot', device: 'bus-101', seed: Buffer.alloc(32, 3) })
    .write(1, () => rideBody({ fareClass: 'student', chargedFen: 100 }))
    .write(1, () => rideBody({ position: { line: '108', run: '1', direction: 'down', stop: 21 } }))
    .write(1, () => rideBody({ position: null, byDriverKey: true }))
    .write(1, () => rideBody({}, { outcome: 'deny', reason: 'expired' }))
  const controller = await runningController([bus])
  const line = await deviceLine(controller.mqttUrl, bus)
  await line.ask('records', bus.batch(1, 4))
  await line.say('state', { state: 'ready', scene: 'bus' }, true)
  return { bus, controller, line }
}

/** Elements whose text stands out from its ground by less than WCAG AA asks for. */
function faintTexts(): string[] {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const rgba = (colour: string): readonly number[] => {
    canvas?.clearRect(0, 0, 1, 1)
    if (canvas) canvas.fillStyle = colour
    canvas?.fillRect(0, 0, 1, 1)
    return [...(canvas?.getImageData(0, 0, 1, 1).data ?? [])]
  }
  const luminance = (colour: readonly number[]): number => {
    const [r = 0, g = 0, b = 0] = colour.map(part =>
      part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (element: Element | null): readonly number[] => {
    if (element === null) return [255, 255, 255, 255]
    const own = rgba(getComputedStyle(element).backgroundColor)
    const alpha = (own[3] ?? 0) / 255
    if (alpha === 1) return own
    const below = ground(element.parentElement)
    return below.map((part, index) => (own[index] ?? 0) * alpha + part * (1 - alpha))
  }
  return [...document.querySelectorAll('body *')]
    .filter(
      element =>
        [...element.childNodes].some(node => node.nodeType === 3 && node.textContent?.trim()) &&
        element.checkVisibility(),
    )
    .flatMap(element => {
      const [one, two] = [luminance(rgba(getComputedStyle(element).color)), luminance(ground(element))]
      const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)
      return ratio >= 4.5 ? [] : [`${element.tagName} ${element.textContent?.trim().slice(0, 30)} ${ratio.toFixed(2)}`]
    })
}

describe.each(SIZES)('the live page at $width pixels', size => {
  browserProgram.it('shows every device and every showing, with its reason in Chinese and English', async () => {
    const { controller } = await busyHall()
    const { page, complaints } = await opened(controller.httpUrl, size)
    const row = page.locator('.showing[data-outcome=deny]')
    expect(await row.locator('.zh').textContent()).toBe('截图或旧码，请刷新')
    expect(await row.locator('.en').textContent()).toBe('Old code or a picture of one: refresh')
    expect(await row.locator('use').getAttribute('href')).toBe('#clock')
    expect(await row.locator('.outcome').textContent()).toMatch(/拒绝\s+deny/)
    expect(await row.locator('.stages').textContent()).toMatch(/读取.*2\.1.*判定.*0\.1/s)
    const card = page.locator('.device-card', { hasText: 'hall-door-1' })
    expect(await card.locator('.state').textContent()).toMatch(/就绪\s+ready/)
    expect(await card.locator('.stored').textContent()).toBe('2')
    expect(await page.locator('.device-card').count()).toBe(2)
    expect(await page.locator('#total-records').textContent()).toBe('3')
    expect(complaints).toEqual([])
  })

  browserProgram.it('says where a ride began and what it cost, and of a refusal only the reason', async () => {
    const { controller } = await busyBus()
    const { page, complaints } = await opened(controller.httpUrl, size)
    expect(await page.locator('.showing .note:visible').allTextContents()).toEqual([
      '线路未知 · 普通 2.00元 · 同行人 line unknown · ordinary ¥2.00 · companion',
      '108路 下行 第21站 · 普通 2.00元 line 108 down, stop 21 · ordinary ¥2.00',
      '8路 上行 第3站 · 学生 1.00元 line 8 up, stop 3 · student ¥1.00',
    ])
    expect(await page.locator('.showing[data-outcome=deny] .note').isVisible()).toBe(false)
    expect(complaints).toEqual([])
  })

  browserProgram.it('never needs scrolling sideways', async () => {
    for (const { controller } of [await busyHall(), await busyBus()]) {
      const { page } = await opened(controller.httpUrl, size)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width)
    }
  })

  for (const scheme of ['light', 'dark'] as const) {
    browserProgram.it(`has text that stands out enough on ${scheme} ground`, async () => {
      for (const { controller } of [await busyHall(), await busyBus()]) {
        const { page } = await opened(controller.httpUrl, size, scheme)
        expect(await page.evaluate(faintTexts)).toEqual([])
      }
    })
  }
})

describe('the live page', () => {
  browserProgram.it('adds a showing by itself, on top', async () => {
    const { controller, door, line } = await busyHall()
    const { page } = await opened(controller.httpUrl)
    door.write(1, () => ({ outcome: 'refer', reason: 'ask-online' }))
    await line.ask('records', door.batch(3, 3))
    await page.locator('.showing[data-outcome=refer]').waitFor()
    expect(await page.locator('.showing').first().locator('.zh').textContent()).toBe('需联网核验')
    await page.locator('#total-records', { hasText: '4' }).waitFor()
  })

  browserProgram.it('tells a lost device by symbol and word', async () => {
    const { controller, line } = await busyHall()
    const { page } = await opened(controller.httpUrl)
    line.client.stream.destroy()
    const state = page.locator('.device-card[data-tone=red] .state')
    await state.waitFor()
    expect(await state.textContent()).toMatch(/失联\s+lost/)
    expect(await state.locator('use').getAttribute('href')).toBe('#broken')
    expect(await page.locator('#announce').textContent()).toContain('失联')
  })

  browserProgram.it('can be used with the keyboard alone', async () => {
    const { controller, door, line } = await busyHall()
    const { page } = await opened(controller.httpUrl)
    const outlineWidth = () =>
      page.evaluate(() => getComputedStyle(document.activeElement?.nextElementSibling ?? document.body).outlineWidth)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip to showings')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('showings')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('filter-device')
    expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineWidth)).toBe(
      '3px',
    )
    await page.keyboard.press('Tab')
    expect(await outlineWidth()).toBe('3px')
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('.showing').count()).toBe(2)
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('.showing .zh').allInnerTexts()).toEqual(['截图或旧码，请刷新'])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.locator('#pause').getAttribute('aria-pressed')).toBe('true')
    door.write(1, () => ({ outcome: 'deny', reason: 'expired' }))
    await line.ask('records', door.batch(3, 3))
    await page.locator('#pause', { hasText: '+1' }).waitFor()
    expect(await page.locator('.showing').count()).toBe(1)
    await page.keyboard.press('Enter')
    expect(await page.locator('.showing').count()).toBe(2)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.locator('.device-card.chosen').textContent()).toContain('hall-door-1')
    expect(await page.locator('#filter-device').inputValue()).toBe('hall-door-1')
  })

  browserProgram.it('has landmarks, one first heading, and a name for everything that can be operated', async () => {
    const { controller } = await busyHall()
    const { page } = await opened(controller.httpUrl)
    for (const landmark of ['banner', 'main', 'complementary'] as const)
      expect(await page.getByRole(landmark).count()).toBe(1)
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN')
    for (const role of ['button', 'combobox', 'radio'] as const)
      for (const control of await page.getByRole(role).all())
        expect(
          await control.evaluate(node =>
            (node instanceof HTMLInputElement || node instanceof HTMLSelectElement
              ? node.labels?.[0]?.textContent
              : node.textContent
            )?.trim(),
          ),
        ).not.toBe('')
  })

  browserProgram.it('says that it is disconnected, and catches up by itself when the controller is back', async () => {
    const door = new SigningDevice().write(1)
    const home = tempFolder()
    const first = await runningController([door], { home })
    await (await deviceLine(first.mqttUrl, door)).ask('records', door.batch(1, 1))
    const { page } = await opened(first.httpUrl)
    const httpPort = Number(new URL(first.httpUrl).port)
    await first.close()
    const link = page.locator('#link[data-link=disconnected]')
    await link.waitFor()
    expect(await link.textContent()).toMatch(/连接中断\s+disconnected/)
    const second = await runningController([door], { home, ports: { httpPort } })
    expect(second.httpUrl).toBe(first.httpUrl)
    door.write(1, () => ({ outcome: 'deny', reason: 'expired' }))
    await (await deviceLine(second.mqttUrl, door)).ask('records', door.batch(2, 2))
    await page.locator('#link[data-link=live]').waitFor()
    await page.locator('.showing', { hasText: '码已过期' }).waitFor()
    expect(await page.locator('.showing').count()).toBe(2)
  })

  browserProgram.it('names no person, whatever a record holds', async () => {
    const door = new SigningDevice().write(1, () => ({
      reason: '341523199001011234',
      scene: '张三',
      sceneMap: new Map([[1, '李四']]),
    }))
    const controller = await runningController([door])
    await (await deviceLine(controller.mqttUrl, door)).ask('records', door.batch(1, 1))
    const { page } = await opened(controller.httpUrl)
    await page.locator('.showing').waitFor()
    expect(await page.content()).not.toMatch(/\d{17}[\dX]|张三|李四/)
  })
})
