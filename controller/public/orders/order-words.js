/* What can be ordered of a device, and what came of it. The names are those of the protocol's ORDER_KINDS. */

/**
 * `permission` is what a role needs; `says` what will happen, at which device; `opens` lets somebody in. The order here is
 * the order of the buttons.
 */
export const ORDERS = {
  'open-once': {
    words: ['开门一次', 'Open once'],
    symbol: 'door',
    tone: 'opens',
    permission: 'command:door',
    opens: true,
    says: device => [
      `${device} 的门将打开一次，到时自动关闭。设备的时钟可信才会执行，并留下一条记录。`,
      `The door at ${device} opens once and closes by itself. It wants a clock that can be trusted there, and leaves a record.`,
    ],
  },
  lockdown: {
    words: ['封闭：只出不进', 'Lockdown'],
    symbol: 'lock',
    tone: 'danger',
    permission: 'command:door',
    says: device => [
      `${device} 从现在起不再放任何人进入，直到解除封闭。出门和消防不受影响。`,
      `${device} lets nobody in from now on, until the lockdown is ended. Going out and fire release stay as they are.`,
    ],
  },
  release: {
    words: ['解除封闭', 'End the lockdown'],
    symbol: 'unlock',
    tone: 'plain',
    permission: 'command:door',
    says: device => [
      `${device} 重新按规则放行。门不会因此打开。`,
      `${device} admits by its rules again. This opens no door.`,
    ],
  },
  'self-test': {
    words: ['自检', 'Self-test'],
    symbol: 'tick',
    tone: 'plain',
    permission: 'command:maintain',
    says: device => [
      `${device} 检查自己的各个部件并报告。门不会打开。`,
      `${device} checks its parts and reports. No door opens.`,
    ],
  },
  'send-diagnostics': {
    words: ['上报诊断信息', 'Send diagnostics'],
    symbol: 'upload',
    tone: 'plain',
    permission: 'command:maintain',
    says: device => [`${device} 上报自身状态，不含任何人的信息。`, `${device} reports on itself; no person is in it.`],
  },
  'set-log-level': {
    words: ['设置日志级别', 'Set log level'],
    symbol: 'list',
    tone: 'plain',
    permission: 'command:maintain',
    says: device => [
      `${device} 的日志级别立即改变，重启后恢复为设定值。`,
      `The log level of ${device} changes at once; a restart brings the setting back.`,
    ],
  },
  restart: {
    words: ['重启程序', 'Restart'],
    symbol: 'repeat',
    tone: 'plain',
    permission: 'command:maintain',
    says: device => [
      `${device} 的程序重新启动，其间数秒不能读码。记录不会丢失。`,
      `The program of ${device} starts anew and reads no codes for some seconds. No record is lost.`,
    ],
  },
}

export function orderWords(name) {
  return Object.hasOwn(ORDERS, name) ? ORDERS[name].words : [name, '']
}

/** A result's literal code → words. */
const RESULT_WORDS = {
  done: ['完成', 'done'],
  unchanged: ['本来就是这样，无需改变', 'it was so already; nothing changed'],
  expired: ['到达时已过期，没有执行', 'it came too late and was not carried out'],
  'issued-in-future': ['设备时钟落后，没有执行', 'the device’s clock is behind; it was not carried out'],
  'life-invalid': ['有效期不对，没有执行', 'its term of validity is wrong; it was not carried out'],
  'clock-untrusted': ['设备时钟不可信，没有开门', 'the device’s clock cannot be trusted; nothing was opened'],
  'no-such-output': ['这台设备没有可以开的门', 'this device has nothing to open'],
  lockdown: ['设备处于封闭中，没有开门', 'the device is locked down; nothing was opened'],
  'args-invalid': ['参数不对', 'the arguments are wrong'],
  'bad-args': ['参数不对', 'the arguments are wrong'],
  'wrong-boot': ['设备在此期间重启过，没有执行', 'the device has restarted since; it was not carried out'],
  restarted: ['设备重启了，此指令作废', 'the device restarted; the order is void'],
  'device-away': ['设备不在线，没有发出', 'the device is away; it was not sent'],
  'unknown-order': ['设备的程序不认识这条指令', 'the device’s program does not know this order'],
  busy: ['设备正忙，没有执行', 'the device was busy; it was not carried out'],
  'storage-full': ['设备存储已满，没有执行', 'the device’s storage is full; it was not carried out'],
  restarting: ['正在重启', 'restarting'],
  'output-failed': ['门没有动作', 'the door did not move'],
  'not-kept': ['没有存住，重启后可能失效', 'it could not be kept; a restart may undo it'],
  'closed-but-not-kept': ['已封闭，但没有存住', 'closed, but it could not be kept'],
}

/** Whether a detail is what was asked for and not a code. */
export function isReport(detail) {
  return detail.startsWith('{') || detail.startsWith('[')
}

/**
 * Where an order stands: {tone, symbol, zh, en}. An order without a result is over when its time is, whatever comes later.
 */
export function standing({ result, expiresMs }, nowMs) {
  if (result === null) {
    if (nowMs < expiresMs)
      return {
        state: 'sent',
        tone: 'blue',
        symbol: 'dots',
        zh: '已发出，等待设备回答',
        en: 'sent, waiting for the device',
      }
    return {
      state: 'silent',
      tone: 'grey',
      symbol: 'clock',
      zh: '已过期，设备没有回答',
      en: 'expired without an answer',
    }
  }
  const { ok, detail } = result
  const [zh, en] = isReport(detail)
    ? ok
      ? ['完成，有报告', 'done, with a report']
      : ['没有通过，有报告', 'not passed, with a report']
    : Object.hasOwn(RESULT_WORDS, detail)
      ? RESULT_WORDS[detail]
      : [detail, '']
  if (ok) return { state: 'done', tone: 'green', symbol: 'tick', zh, en }
  if (detail === 'expired') return { state: 'expired', tone: 'yellow', symbol: 'clock', zh, en }
  return { state: 'refused', tone: 'red', symbol: 'cross', zh, en }
}

const ARG_WORDS = { seconds: ['秒', 's'], level: ['级别', 'level'] }

/** [zh, en] of what an order was given; empty where there is nothing. */
export function argsWords(args) {
  const parts = Object.entries(args).map(([name, value]) => {
    const [zh, en] = ARG_WORDS[name] ?? [name, name]
    return name === 'seconds' ? [`${value} ${zh}`, `${value} ${en}`] : [`${zh} ${value}`, `${en} ${value}`]
  })
  return [parts.map(([zh]) => zh).join('，'), parts.map(([, en]) => en).join(', ')]
}
