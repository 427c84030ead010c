import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportPrivateKeyPem, utf8 } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileIdentity, type IdentityDisk, type IdentityPaths } from '../../../src/adapters/file/file-identity.ts'
import { readLineMaterial } from '../../../src/adapters/file/line-material.ts'
import { removeFile, replaceFile, settleFile } from '../../../src/adapters/file/whole-file.ts'
import { enrol, renew } from '../../../src/enrolment/enrol.ts'
import { FIRST, identityContract, SECOND } from '../../contracts/identity-contract.ts'
import { BOX, enrollingBox } from '../../fixtures/enrolling-box.ts'
import { testCentre } from '../../fixtures/test-centre.ts'
import { deviceKey } from '../../fixtures/test-world.ts'

function box(): { folder: string; paths: IdentityPaths } {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-identity-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  return {
    folder,
    paths: {
      ca: at('ca.crt'),
      certificate: at('client.crt'),
      lineKey: at('client.key'),
      deviceKey: at('device.key'),
      trust: at('trust.json'),
    },
  }
}

identityContract('the identity in files', async () => new FileIdentity(box().paths))

const modeOf = (path: string) => statSync(path).mode & 0o777
const text = (path: string) => readFileSync(path, 'utf8')

describe('the identity in files', () => {
  it('makes keys that nobody else can read, P-256 for the line, and leaves nothing else lying about', async () => {
    const { folder, paths } = box()
    const { line } = await new FileIdentity(paths).keys()
    expect([modeOf(paths.deviceKey), modeOf(paths.lineKey)]).toEqual([0o600, 0o600])
    expect(line.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(readdirSync(folder).sort()).toEqual(['client.key', 'device.key'])
  })

  it('uses the device key for the line where the configuration says so', async () => {
    const { paths, folder } = box()
    const { device, line } = await new FileIdentity({ ...paths, lineKey: paths.deviceKey }).keys()
    expect(line.equals(device)).toBe(true)
    expect(readdirSync(folder)).toEqual(['device.key'])
  })

  it('takes a key that is there, and refuses one that others can read, or that is none', async () => {
    const { paths } = box()
    writeFileSync(paths.deviceKey, exportPrivateKeyPem(deviceKey), { mode: 0o600 })
    const files = new FileIdentity(paths)
    expect((await files.keys()).device.equals(deviceKey)).toBe(true)
    chmodSync(paths.lineKey, 0o640)
    await expect(files.keys()).rejects.toMatchObject({ code: 'key-file-open' })
    chmodSync(paths.lineKey, 0o600)
    writeFileSync(paths.lineKey, 'nonsense')
    await expect(files.keys()).rejects.toMatchObject({ code: 'private-key-expected' })
  })

  it('says what to look at when its disk fails', async () => {
    const { paths, folder } = box()
    const files = new FileIdentity({ ...paths, certificate: join(folder, 'no-such-folder', 'client.crt') })
    await expect(files.commit(FIRST)).rejects.toMatchObject({
      code: 'identity-failed',
      message: expect.stringMatching(/client\.crt.*check their folders/),
    })
  })

  it('is not misled by what a killed process of the same number left', async () => {
    const { paths } = box()
    writeFileSync(`${paths.certificate}.${process.pid}.draft`, 'half a certif')
    const files = new FileIdentity(paths)
    await files.commit(FIRST)
    expect(text(paths.certificate)).toBe(FIRST.certificate)
  })
})

class Cut extends Error {}

/** A disk under a program that dies at its n-th step, before the step is done or right after. */
function dyingDisk(step: number, when: 'before' | 'after'): IdentityDisk & { readonly steps: () => number } {
  let taken = 0
  const at =
    <A extends readonly unknown[], R>(run: (...args: A) => R) =>
    (...args: A): R => {
      const dies = taken++ === step
      if (dies && when === 'before') throw new Cut()
      const result = run(...args)
      if (dies) throw new Cut()
      return result
    }
  return { replace: at(replaceFile), settle: at(settleFile), remove: at(removeFile), steps: () => taken }
}

const COMMIT_STEPS = 6
const CUTS = Array.from({ length: COMMIT_STEPS }).flatMap((_, step): [number, 'before' | 'after'][] => [
  [step, 'before'],
  [step, 'after'],
])

describe('the identity in files, cut short', () => {
  it('takes six steps for a commit', async () => {
    const disk = dyingDisk(100, 'before')
    await new FileIdentity(box().paths, disk).commit(FIRST)
    expect(disk.steps()).toBe(COMMIT_STEPS)
  })

  it.each(CUTS)('at step %d, %s it, is the old one or the new one, and never a mixture', async (step, when) => {
    const { paths, folder } = box()
    await new FileIdentity(paths).commit(FIRST)
    await expect(new FileIdentity(paths, dyingDisk(step, when)).commit(SECOND)).rejects.toThrow()
    const wanted = step === 0 && when === 'before' ? FIRST : { ...SECOND, trust: FIRST.trust }
    expect(await new FileIdentity(paths).load()).toEqual(wanted)
    expect(await new FileIdentity(paths).load()).toEqual(wanted)
    expect(existsSync(join(folder, 'client.crt.pending'))).toBe(false)
  })

  it.each(CUTS)('in an enrolment, at step %d, %s it, is whole or can be had by another code', async (step, when) => {
    const centre = await testCentre()
    const { paths } = box()
    await new FileIdentity(paths).keys()
    const cut = enrollingBox(centre, { files: new FileIdentity(paths, dyingDisk(step, when)) })
    await expect(enrol(centre.newCode().typed, cut.parts)).rejects.toMatchObject({ code: 'identity-failed' })
    const again = enrollingBox(centre, { files: new FileIdentity(paths) })
    const left = await again.files.load()
    const isWhole = left.certificate !== null
    expect(isWhole).toBe(!(step === 0 && when === 'before'))
    if (isWhole) expect(left).toMatchObject({ trust: utf8(centre.anchors.trust), ca: centre.authority.ca })
    expect(await enrol(centre.newCode().typed, again.parts)).toMatchObject({ ok: true, certificate: BOX })
    expect(await renew(again.parts)).toMatchObject({ ok: true })
  })
})

describe('what the line is proven with', () => {
  it('is read as it stands now, and only with a key nobody else can read', async () => {
    const { paths } = box()
    const files = new FileIdentity(paths)
    expect(() => readLineMaterial(paths)).toThrow(expect.objectContaining({ code: 'line-material-unreadable' }))
    await files.keys()
    await files.commit(FIRST)
    expect(readLineMaterial(paths)).toEqual({ ca: FIRST.ca, certificate: FIRST.certificate, key: text(paths.lineKey) })
    await files.commit(SECOND)
    expect(readLineMaterial(paths).certificate).toBe(SECOND.certificate)
    chmodSync(paths.lineKey, 0o604)
    expect(() => readLineMaterial(paths)).toThrow(expect.objectContaining({ code: 'key-file-open' }))
  })
})
