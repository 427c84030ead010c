/** Dotted actions of the audit log → words; an action without is shown as it is. */
const ACTION_WORDS = {
  'api.refused': ['越权请求', 'not permitted'],
  'command.key': ['启用指令密钥', 'key of orders'],
  'command.result': ['指令结果', 'result of an order'],
  'command.open-once': ['开门一次', 'open once'],
  'command.lockdown': ['封闭', 'lockdown'],
  'command.release': ['解除封闭', 'end of a lockdown'],
  'command.restart': ['重启程序', 'restart'],
  'command.self-test': ['自检', 'self-test'],
  'command.send-diagnostics': ['上报诊断信息', 'diagnostics'],
  'command.set-log-level': ['设置日志级别', 'log level'],
  'device.configure': ['更改设定', 'settings changed'],
  'device.enrol': ['设备入网', 'device enrolled'],
  'device.renew': ['换领证书', 'certificate renewed'],
  'device.revoke': ['吊销设备', 'device revoked'],
  'enrolment-code.create': ['生成入网码', 'enrolment code made'],
  'enrolment-code.withdraw': ['撤回入网码', 'enrolment code withdrawn'],
  'operator.create': ['新建操作员', 'operator created'],
  'operator.disable': ['停用操作员', 'operator disabled'],
  'operator.enable': ['启用操作员', 'operator enabled'],
  'operator.password': ['更改密码', 'password changed'],
  'operator.reset': ['重置操作员', 'operator reset'],
  'operator.role': ['更改角色', 'role changed'],
  'operator.second-factor': ['设置第二因素', 'second factor set up'],
  'session.begin': ['开始登录', 'log-in begun'],
  'session.locked': ['账户锁定', 'account locked'],
  'session.log-in': ['登录', 'log in'],
  'session.log-out': ['退出', 'log out'],
  'session.second-factor': ['验证码', 'second factor'],
  'session.stolen': ['会话在别处出现', 'session seen elsewhere'],
  'showing.look-up': ['查询亮码', 'showing looked up'],
  'token.create': ['新建令牌', 'token created'],
  'token.revoke': ['作废令牌', 'token revoked'],
}

/** How actions of one kind begin → words. */
const KIND_WORDS = {
  'command.': ['指令', 'orders'],
  'device.': ['设备', 'devices'],
  'enrolment-code.': ['入网码', 'enrolment codes'],
  'operator.': ['操作员', 'operators'],
  'session.': ['登录', 'log-ins'],
  'token.': ['令牌', 'tokens'],
}

/** To choose from: [beginning of an action, zh, en], kinds first. */
export const ACTION_CHOICES = [
  ['', '全部', 'all'],
  ...Object.entries(KIND_WORDS).map(([start, [zh, en]]) => [start, `${zh}：全部`, `all of ${en}`]),
  ...Object.entries(ACTION_WORDS).map(([action, [zh, en]]) => [action, zh, en]),
]

export function actionWords(action) {
  return Object.hasOwn(ACTION_WORDS, action) ? ACTION_WORDS[action] : ['', '']
}
