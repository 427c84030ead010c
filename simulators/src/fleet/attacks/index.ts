/* Attacks of `ankang bench attack`, a line each. */

export { connectionStorm } from './connection-storm.ts'
export { foreignTopics } from './foreign-topics.ts'
export { guessedCodes } from './guessed-codes.ts'
export { guessedPasswords } from './guessed-passwords.ts'
export { hugePackets } from './huge-packets.ts'
export { publishFlood } from './publish-flood.ts'
export { slowReader } from './slow-reader.ts'
export { slowWriters } from './slow-writers.ts'
export { strangers } from './strangers.ts'
export { subscribeFlood } from './subscribe-flood.ts'
