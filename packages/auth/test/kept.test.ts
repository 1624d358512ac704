import t from 'tap'
import { keptPer } from '../src/ways/kept.ts'

t.test(
  'what is made for settings is kept while it is used, and dropped when it goes',
  async (t) => {
    const dropped: string[] = []
    const kept = keptPer(
      (settings: { name: string }) => ({ of: settings.name }),
      ({ of }) => dropped.push(of)
    )
    const first = { name: 'first' }
    const made = kept.memo(first)
    for (let count = 0; count < 500; count += 1) {
      kept.memo({ name: `${count}` })
      t.equal(kept.memo(first), made)
    }
    t.same(dropped, ['0'], 'the 501st makes the one go that was not used')
    kept.clear()
    t.equal(dropped.length, 501)
  }
)
