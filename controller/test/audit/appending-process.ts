/* Appends entries as another process would: node appending-process.ts FILE NAME COUNT */
import { randomBytes } from 'node:crypto'
import { SqliteAudit } from '../../src/audit/sqlite-audit.ts'
import { openStore } from '../../src/store/store.ts'

const [file = '', actor = '', count = '0'] = process.argv.slice(2)
const store = openStore(file, { random: randomBytes })
const audit = new SqliteAudit(store.db, Date.now)
for (let n = 1; n <= Number(count); n++)
  audit.append({ actor, action: 'test.append', subject: '', purpose: null, ok: true, detail: { n } })
store.close()
