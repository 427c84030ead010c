import 'reflect-metadata' // before the library, which is made of decorators
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

/** The certificate library, told which cryptography to use. */
export { x509 }
