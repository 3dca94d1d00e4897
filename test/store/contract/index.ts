// Goal: what every store promises, whatever database it is made of (DESIGN: what must always hold).
// Method: one suite over the interface alone. `open` gives a store of the realm in the place that
// the caller has made for the running test; stores of one test share that place.
import { describeAccounts } from './accounts'
import { describeCapacity } from './capacity'
import { describeClaims } from './claims'
import { describeDecisions } from './decisions'
import { describeFinding } from './finding'
import { describeInvariants } from './invariants'
import { describeLog } from './log'
import { describeOffers } from './offers'
import { describeOptIns } from './opt-ins'
import { describePeople } from './people'
import { describeReads } from './reads'
import { describeRetention } from './retention'
import type { Open } from './support'
import { describeTimers } from './timers'

/** `runs`: how many random stories each property is told. */
export function describeStore(name: string, open: Open, { runs = 15 } = {}): void {
  describe(`${name}: what every store promises`, () => {
    describeDecisions(open)
    describeCapacity(open)
    describeReads(open)
    describePeople(open)
    describeFinding(open)
    describeTimers(open)
    describeClaims(open)
    describeLog(open)
    describeAccounts(open, { runs })
    describeInvariants(open, { runs })
  })
  describeOffers(name, open, { runs })
  describeRetention(name, open, { runs })
  describeOptIns(name, open, { runs })
}
