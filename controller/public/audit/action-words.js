/** Dotted actions of the audit log → words; an action without is shown as it is. */
const ACTION_WORDS = {
  'session.log-in': ['登录', 'log in'],
  'session.log-out': ['退出', 'log out'],
  'showing.look-up': ['查询亮码', 'showing looked up'],
  'device.revoke': ['吊销设备', 'device revoked'],
}

export function actionWords(action) {
  return Object.hasOwn(ACTION_WORDS, action) ? ACTION_WORDS[action] : ['', '']
}
