import * as v from 'valibot'

/** What can be ordered of a box. `args` go into the command as they are; `opens` wants a clock that can be trusted. */
export interface OrderKind {
  readonly zh: string
  readonly en: string
  /** Whether it lets somebody in. */
  readonly opens: boolean
  readonly args: v.GenericSchema<Readonly<Record<string, unknown>>, Readonly<Record<string, string | number>>>
}

export const DEVICE_LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

const nothing = v.strictObject({})
const seconds = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))

/** Every order there is. Source: formats.md §6. */
export const ORDER_KINDS = {
  'open-once': {
    zh: '开门一次',
    en: 'Open once',
    opens: true,
    args: v.strictObject({ seconds: v.optional(seconds(1, 30), 3) }),
  },
  lockdown: { zh: '封闭：只出不进', en: 'Lockdown: nobody is let in', opens: false, args: nothing },
  release: { zh: '解除封闭', en: 'End the lockdown', opens: false, args: nothing },
  restart: { zh: '重启程序', en: 'Restart the program', opens: false, args: nothing },
  'self-test': { zh: '自检', en: 'Self-test', opens: false, args: nothing },
  'send-diagnostics': { zh: '上报诊断信息', en: 'Send diagnostics', opens: false, args: nothing },
  'set-log-level': {
    zh: '设置日志级别',
    en: 'Set the log level',
    opens: false,
    args: v.strictObject({ level: v.picklist(DEVICE_LOG_LEVELS) }),
  },
} as const satisfies Record<string, OrderKind>

export type OrderName = keyof typeof ORDER_KINDS

export function isOrderName(name: string): name is OrderName {
  return Object.hasOwn(ORDER_KINDS, name)
}

/** What the centre wants a box to be like, beside its own file: absent keys leave what the file says. */
export const desiredSettings = v.strictObject({
  logLevel: v.optional(v.picklist(DEVICE_LOG_LEVELS)),
  healthSeconds: v.optional(seconds(5, 3600)),
  headSeconds: v.optional(seconds(10, 3600)),
})
export type DesiredSettings = v.InferOutput<typeof desiredSettings>
