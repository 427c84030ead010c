import 'reflect-metadata' // before the library, which is made of decorators
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(globalThis.crypto)

/** The certificate library, told which cryptography to use. */
export { x509 }
