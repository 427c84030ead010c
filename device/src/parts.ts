/* Building blocks for benches and tools that compose a device themselves. The program's own composition is main.ts. */

export { decodePicture } from './adapters/sharp/decode-picture.ts'
export { openJournalDatabase } from './adapters/sqlite/journal-database.ts'
export { type JournalRow, JournalWriter } from './adapters/sqlite/journal-writer.ts'
export { SqliteJournal } from './adapters/sqlite/sqlite-journal.ts'
export { systemClock } from './adapters/system/system-clock.ts'
export { decodeFrame } from './adapters/zxing/decode-frame.ts'
export { WorkerDecoder } from './adapters/zxing/worker-decoder.ts'
export { type GrayFrame, makeSharedFrame } from './framing/gray-frame.ts'
export { encodeVehicleSentence, type VehicleSentence } from './framing/vehicle-sentence.ts'
export { scenes } from './index.ts'
export { Line } from './pipeline/line.ts'
export { Recorder } from './pipeline/record.ts'
