import { fail } from '@reliw/testing'
import t from 'tap'
import { Limiter } from '../src/rates/limiter.ts'
import { two } from './limiter-setup.ts'

t.test(
  'a driver that throws synchronously is an outage, and a callback that throws ends nothing',
  async (t) => {
    const limiter = new Limiter({ driver: { take: fail }, onChange: fail })
    for (let times = 0; times < 3; times++)
      t.match(await limiter.take([two]), [{ allowed: times < 2 }])
    t.equal(limiter.fallbacks, 3)
  }
)
