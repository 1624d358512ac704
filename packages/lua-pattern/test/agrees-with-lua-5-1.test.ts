import { testAgreement } from './differential/agreement.ts'

testAgreement('lua5.1')
