import * as v from 'valibot'
import type { HomePaths } from '../home/home-paths.ts'
import { ankangJson } from './ankang-command.ts'

/** Somebody who may log in at the page. */
export interface DemoAccount {
  readonly name: string
  readonly role: string
  /** Shown once; null where it was made by an earlier run. */
  readonly oneTimePassword: string | null
}

/** One of each role, so that a newcomer sees what each of them sees. */
const ACCOUNTS: readonly Omit<DemoAccount, 'oneTimePassword'>[] = [
  { name: 'viewer', role: 'viewer' },
  { name: 'technician', role: 'technician' },
  { name: 'duty', role: 'operator' },
  { name: 'auditor', role: 'auditor' },
]

const LIST = v.object({ operators: v.array(v.object({ name: v.string(), role: v.string() })) })
const MADE = v.object({ oneTimePassword: v.string() })

/** Makes the accounts that are not there yet, as the person at the machine would. Throws `command-failed`. */
export async function openDemoAccounts(paths: HomePaths): Promise<readonly DemoAccount[]> {
  const { operators } = await ankangJson(['operator', 'list', '--home', paths.root], LIST)
  const accounts: DemoAccount[] = []
  for (const account of ACCOUNTS) {
    const isThere = operators.some(({ name }) => name === account.name)
    const args = ['operator', 'add', '--home', paths.root, '--name', account.name, '--role', account.role]
    const oneTimePassword = isThere ? null : (await ankangJson(args, MADE)).oneTimePassword
    accounts.push({ ...account, oneTimePassword })
  }
  return accounts
}
