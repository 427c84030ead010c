export { type Refusal, type RefusalReason, Refusals, refuse } from '../refusals.ts'
