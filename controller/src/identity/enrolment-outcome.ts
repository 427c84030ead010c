import type { EnrolmentAnswer, EnrolmentRefusal } from '@ankang/protocol'

/** What came of a box's request. */
export type EnrolmentOutcome = { readonly ok: true; readonly answer: EnrolmentAnswer } | RefusedEnrolment

export interface RefusedEnrolment {
  readonly ok: false
  readonly reason: EnrolmentRefusal
  readonly detail: string
}

/** What the person at the box reads, and what to do. */
export const ENROLMENT_WORDS: Readonly<Record<EnrolmentRefusal, string>> = {
  'code-unknown': '入网码无效或已撤回，请索取新码 · no such code, or it was withdrawn; ask for a new one',
  'code-used': '入网码已用过，请索取新码 · this code was used; ask for a new one',
  'code-expired': '入网码已过期，请索取新码 · this code has run out; ask for a new one',
  'code-of-another-device': '入网码属于另一台设备 · this code is for another device; check site and device',
  'too-many-tries': '尝试过多，请稍后再试 · too many tries; wait a few minutes',
  'csr-invalid': '证书请求无效 · the certificate request is not good',
  'countersignature-bad': '设备密钥的签名不符 · the device key has not signed this request',
  'device-unknown': '设备未入网，请先入网 · this device is not enrolled; enrol it with a code',
  'device-revoked': '设备已吊销，须换新密钥并用新码入网 · this device was revoked; it needs a new key and a new code',
  'wrong-key':
    '密钥不是该设备的当前密钥 · this is not the present key of that device; make a new key and use a new code',
}

export function refuseEnrolment(reason: EnrolmentRefusal, more?: string): RefusedEnrolment {
  const words = ENROLMENT_WORDS[reason]
  return { ok: false, reason, detail: more === undefined ? words : `${words} (${more})` }
}
