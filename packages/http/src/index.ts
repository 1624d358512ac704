export { holdTickObject } from './hold-tick-object.ts'
