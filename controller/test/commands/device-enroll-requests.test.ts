import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { deviceCommand } from '../../src/commands/device.ts'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { memoryIo } from '../fixtures/memory-io.ts'
import { writeControllerHome } from '../fixtures/running-controller.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

async function run(home: string, ...argv: readonly string[]) {
  const { io, text } = memoryIo(home)
  const code = await deviceCommand.run([...argv, '--home', '.'], io)
  return { code, ...text, json: () => JSON.parse(text.out) }
}

/** A home with a file of these requests, a line each. */
function homeWith(requests: readonly object[]): string {
  const home = tempFolder()
  writeControllerHome(home)
  writeFileSync(join(home, 'requests.jsonl'), `${requests.map(one => JSON.stringify(one)).join('\n')}\n`)
  return home
}

const listed = async (home: string) => (await run(home, 'list', '--json')).json().devices

describe('ankang device enroll --requests', () => {
  it('enrols each box of the file under its own keys, with a certificate of this authority', async () => {
    const boxes = [await EnrollingBox.make({ device: 'box-1' }), await EnrollingBox.make({ device: 'box-2' })]
    const home = homeWith(await Promise.all(boxes.map(box => box.renewal())))
    const { code, json } = await run(home, 'enroll', '--requests', 'requests.jsonl', '--json')
    expect(code).toBe(0)
    const { answers, refused } = json()
    expect(refused).toEqual([])
    const authority = new X509Certificate(readFileSync(join(home, 'ca', 'ca.crt')))
    for (const { device, certificate } of answers) {
      const issued = new X509Certificate(certificate)
      expect(issued.verify(authority.publicKey)).toBe(true)
      expect(issued.subject).toContain(`CN=${device}`)
    }
    expect((await listed(home)).map((one: { publicKey: string }) => one.publicKey)).toEqual(
      boxes.map(box => toHex(box.publicKey)),
    )
  })

  it('enrols none whose device key did not stand for it, nor one box twice, and says which, with exit code 1', async () => {
    const box = await EnrollingBox.make({ device: 'box-1' })
    const stranger = await EnrollingBox.make({ device: 'box-2' })
    const forged = await stranger.renewal({ publicKey: toHex(box.publicKey) })
    const home = homeWith([await box.renewal(), forged, await box.renewal()])
    const { code, json } = await run(home, 'enroll', '--requests', 'requests.jsonl', '--json')
    expect(code).toBe(1)
    const { answers, refused } = json()
    expect(answers.map((one: { device: string }) => one.device)).toEqual(['box-1'])
    expect(refused).toMatchObject([
      { device: 'box-2', error: 'countersignature-bad' },
      { device: 'box-1', error: 'code-of-another-device' },
    ])
    expect((await listed(home)).map((one: { device: string }) => one.device)).toEqual(['box-1'])
  })

  it('takes no box’s place while that one is on duty, and renews the certificate of the same one', async () => {
    const box = await EnrollingBox.make({ device: 'box-1' })
    const home = homeWith([await box.renewal()])
    const enrol = () => run(home, 'enroll', '--requests', 'requests.jsonl', '--json')
    expect((await enrol()).code).toBe(0)
    const other = await EnrollingBox.make({ device: 'box-1' })
    writeFileSync(join(home, 'requests.jsonl'), `${JSON.stringify(await other.renewal())}\n`)
    const taken = await enrol()
    expect(taken.code).toBe(1)
    expect(taken.json()).toMatchObject({ answers: [], refused: [{ device: 'box-1' }] })
    expect(await listed(home)).toMatchObject([{ device: 'box-1', publicKey: toHex(box.publicKey) }])
    writeFileSync(join(home, 'requests.jsonl'), `${JSON.stringify(await box.renewal())}\n`)
    expect((await enrol()).code).toBe(0)
    expect(await listed(home)).toMatchObject([{ device: 'box-1', publicKey: toHex(box.publicKey) }])
  })

  it('names the line that is no request, and enrols nobody', async () => {
    const box = await EnrollingBox.make({ device: 'box-1' })
    const home = homeWith([await box.renewal(), { device: 'box-2' }])
    await expect(run(home, 'enroll', '--requests', 'requests.jsonl')).rejects.toMatchObject({
      code: 'request-invalid',
      message: expect.stringContaining('requests.jsonl:2'),
    })
    expect(await listed(home)).toEqual([])
  })
})
