import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { enrolmentStand } from '../fixtures/enrolment-stand.ts'

const REDEEM = fileURLToPath(new URL('./fixtures/redeem-in-process.ts', import.meta.url))

function started(args: readonly string[]): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, ['--import', 'tsx', '-C', 'source', REDEEM, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  if (child.stdout === null) throw new RangeError('expected a process with a readable output')
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
}

it('one code, redeemed by two boxes at two processes at once, makes one of them ours', {
  timeout: 60_000,
}, async () => {
  const stand = await enrolmentStand()
  const code = await stand.code()
  const processes = []
  for (const place of [1, 2]) {
    const request = join(stand.folder, `request-${place}.json`)
    writeFileSync(request, JSON.stringify(await (await EnrollingBox.make()).request(code)))
    const { storeFile, folder, trustFile, clock } = stand
    processes.push(started([storeFile, join(folder, 'ca'), trustFile, request, String(clock.nowMs)]))
  }
  for (const { lines } of processes) expect((await lines.next()).value).toBe('ready')
  for (const { child } of processes) child.stdin?.write('go\n')
  const outcomes = await Promise.all(processes.map(async ({ lines }) => (await lines.next()).value))
  expect(outcomes.sort()).toEqual(['code-used', 'ok'])
  stand.registry.pollOutside()
  expect(stand.registry.certificatesOf('hall-door-1')).toHaveLength(1)
  expect(stand.audited().filter(({ action }) => action === 'device.enrol')).toHaveLength(2)
  expect((await stand.audit.check()).ok).toBe(true)
})
