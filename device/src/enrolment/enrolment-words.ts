import { type EnrolmentRefusal, EnvironmentError, type Reason } from '@ankang/protocol'
import type { OwnRefusal } from './enrol.ts'

/** What the world may do to an enrolment: codes of the desk's and the files' faults. */
export type EnrolmentFault = 'desk-unreachable' | 'desk-stranger' | 'desk-answer-invalid' | 'identity-failed'

export type EnrolmentFailure = EnrolmentRefusal | OwnRefusal | EnrolmentFault

/** What it means, and what to do next. */
export interface EnrolmentWords {
  readonly zh: string
  readonly en: string
  readonly hintZh: string
  readonly hintEn: string
}

const anotherCode = { hintZh: '请管理员重新生成入网码', hintEn: 'Ask an operator for another code' }
const askOperator = { hintZh: '请联系管理员', hintEn: 'Speak to an operator' }

/** For each way in which a box is not enrolled. */
export const ENROLMENT_WORDS: Readonly<Record<EnrolmentFailure, EnrolmentWords>> = {
  'code-unknown': { zh: '入网码无效', en: 'Nobody knows this code', ...anotherCode },
  'code-used': { zh: '入网码已被使用', en: 'This code was used before', ...anotherCode },
  'code-expired': { zh: '入网码已过期', en: 'This code has expired', ...anotherCode },
  'code-of-another-device': {
    zh: '入网码属于另一台设备',
    en: 'This code is for another box',
    hintZh: '请核对 config.json 中的 site 与 device',
    hintEn: 'Compare site and device in config.json',
  },
  'too-many-tries': {
    zh: '尝试次数过多',
    en: 'Too many tries',
    hintZh: '请十分钟后再试',
    hintEn: 'Try again in ten minutes',
  },
  'csr-invalid': {
    zh: '证书申请未被接受',
    en: 'The certificate request was refused',
    hintZh: '删除 client.key 后再试',
    hintEn: 'Remove client.key and try again',
  },
  'countersignature-bad': {
    zh: '设备签名未被接受',
    en: 'The box’s signature was not accepted',
    hintZh: '请核对设备与控制器的程序版本',
    hintEn: 'Compare the versions of box and controller',
  },
  'device-unknown': { zh: '设备未登记', en: 'The centre does not know this box', ...anotherCode },
  'device-revoked': { zh: '设备已被吊销', en: 'This box was revoked', ...askOperator },
  'wrong-key': {
    zh: '设备密钥与登记的不符',
    en: 'The centre knows this box by another key',
    hintZh: '恢复原 device.key 或换新入网码',
    hintEn: 'Restore device.key or ask for a code',
  },
  'code-mistyped': {
    zh: '入网码有误',
    en: 'The code has a slip in it',
    hintZh: '请逐字核对后再输入，或再次扫描',
    hintEn: 'Compare it sign by sign, or scan it again',
  },
  'centre-unproven': {
    zh: '对方不是本县中心',
    en: 'Who answered is not the county’s centre',
    hintZh: '请检查 enrolUrl；入网码未发出',
    hintEn: 'Check enrolUrl; the code was not sent',
  },
  'trust-differs': {
    zh: '设备上的信任文件与中心不同',
    en: 'This box has another trust file',
    hintZh: '核对后移走旧的信任文件再试',
    hintEn: 'Move the old one away and try again',
  },
  'trust-unusable': {
    zh: '中心的信任文件无法使用',
    en: 'The centre’s trust file cannot be used here',
    hintZh: '请核对设备与控制器的程序版本',
    hintEn: 'Compare the versions of box and controller',
  },
  'answer-wrong': {
    zh: '中心发来的证书不符',
    en: 'The certificate is not for this box',
    ...anotherCode,
  },
  'desk-unreachable': {
    zh: '连不上中心',
    en: 'The centre does not answer',
    hintZh: '请检查网线与 enrolUrl，然后再试',
    hintEn: 'Check the cable and enrolUrl, then try again',
  },
  'desk-stranger': {
    zh: '中心的服务器证书不符',
    en: 'The centre’s certificate is for another name or time',
    hintZh: '请检查 enrolUrl 与设备时钟',
    hintEn: 'Check enrolUrl, and the clock of this box',
  },
  'desk-answer-invalid': {
    zh: '中心的回答无法读懂',
    en: 'The centre’s answer cannot be read',
    hintZh: '请检查 enrolUrl 与控制器日志',
    hintEn: 'Check enrolUrl, and the controller’s log',
  },
  'identity-failed': {
    zh: '证书无法保存',
    en: 'The certificate could not be stored',
    hintZh: '请检查磁盘与目录权限；需要新的入网码',
    hintEn: 'Check disk and folder; another code is needed',
  },
}

/** Which of these a thrown fault is; null: none, and somebody else's to explain. */
export function failureOf(error: unknown): EnrolmentFailure | null {
  if (!(error instanceof EnvironmentError)) return null
  return (Object.keys(ENROLMENT_WORDS) as EnrolmentFailure[]).find(code => code === error.code) ?? null
}

export const WAITING_INVITATION = { zh: '请出示入网码', en: 'Show the enrolment code' } as const

const sign = { row: 1, hintZh: '', hintEn: '', voice: '' } as const

/** What stands on the glass of a box that is not enrolled yet, in the shape of a showing's end. */
export const WAITING_REASONS = {
  notEnrolled: {
    ...sign,
    id: 'not-enrolled',
    outcome: 'deny',
    zh: '设备未入网',
    en: 'This box is not enrolled',
    hintZh: '请走人工通道',
    hintEn: 'Please use the staffed lane',
    symbol: 'tool',
    colour: 'grey',
  },
  enrolling: {
    ...sign,
    id: 'enrolling',
    outcome: 'refer',
    zh: '正在入网',
    en: 'Enrolling',
    symbol: 'clock',
    colour: 'blue',
  },
  enrolled: {
    ...sign,
    id: 'enrolled',
    outcome: 'admit',
    zh: '入网成功',
    en: 'Enrolled',
    symbol: 'tick',
    colour: 'green',
  },
} as const satisfies Readonly<Record<string, Reason>>

export function failureReason(failure: EnrolmentFailure): Reason {
  return {
    ...sign,
    ...ENROLMENT_WORDS[failure],
    id: failure,
    outcome: 'deny',
    symbol: 'cross',
    colour: 'red',
  }
}
