import { testAgreement } from './differential/agreement.ts'

testAgreement('luajit')
