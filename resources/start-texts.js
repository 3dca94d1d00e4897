/** The contract and the policy that a new config node starts with: complete, and short enough to change. */
window.LeadQualification = window.LeadQualification || {}
window.LeadQualification.startTexts = {
  contract: `# What a qualified lead is. Raise the version with every change.
contract: inbound
version: 1.0.0
owners: { fit: marketing-ops, intent: demand-gen }
change: { why: First version, by: you }

# Before any points: leads that nobody must work on.
suppress:
  - id: opted-out
    when: { consent.optOut: true }
    outcome: suppressed
    why: Asked not to be contacted
  - id: own-staff
    when: { contact.domain: our-company.example }
    outcome: disqualified
    why: Our own people

# Who the lead is. A missing value makes a rule unknown,
# never silently false.
fit:
  cap: 100
  rules:
    - id: fit.industry
      when: { company.industry: { $in: [software, retail] } }
      points: 30
      why: An industry that we sell to
    - id: fit.size
      when: { company.employees: { $gte: 50, $lte: 5000 } }
      points: 30
      why: A company of our size
    - id: fit.business-mail
      when: { contact.emailKind: business }
      points: 20
      why: Writes from a company address
    - id: fit.free-mail
      when: { contact.emailKind: { $in: [free, disposable] } }
      points: -20
      why: Writes from a private address

# What the lead does. Points halve with every half-life
# and end with the window.
intent:
  cap: 100
  halfLife: 7d
  window: 90d
  rules:
    - id: intent.demo
      on: [demo_request, trial]
      points: 60
      halfLife: 14d
      why: Asked for a demo or a trial
    - id: intent.pricing
      on: pricing_view
      points: 10
      max: 30
      cooldown: 10m
      why: Looked at prices
    - id: intent.unsubscribe
      on: unsubscribe
      points: -50
      why: Left the list

# The first that holds decides; the last has no condition.
decide:
  - id: decide.sales
    when: { fit.points: { $gte: 50 }, intent.points: { $gte: 50 } }
    outcome: sql
    grade: A1
    why: Fits and asks now
  - id: decide.asks
    when: { intent.points: { $gte: 50 } }
    outcome: mql
    grade: C1
    why: Asks, but may not fit
  - id: decide.rest
    outcome: nurture
    grade: C3

# Sample leads and what is expected of them.
# One that fails refuses the contract.
tests:
  - name: a demo request from a company of our size goes to sales
    lead:
      contact: { email: kim@bigco.example, emailKind: business }
      company: { industry: software, employees: 400 }
      signals: [{ type: demo_request }]
    expect: { outcome: sql, fit: 80, intent: 60 }
  - name: a private address that looked at prices is nurtured
    lead:
      contact: { email: kim@mail.example, emailKind: free }
      signals: [{ type: pricing_view }]
    expect: { outcome: nurture }
`,

  policy: `# Who gets a qualified lead, and how fast.
# Raise the version with every change.
policy: inbound
version: 1.0.0
owners: { routes: sales-ops }
change: { why: First version, by: you }

calendars:
  office:
    timezone: Europe/Berlin
    hours: { mon-fri: ["09:00-12:30", "13:30-18:00"] }
    holidays: [2026-12-25, 2027-01-01]

# Capacity is how many leads a rep works on at once.
# A rep without a calendar is always on shift.
reps:
  - { id: ana, name: Ana, calendar: office, capacity: 10, skills: [de] }
  - { id: ben, name: Ben, calendar: office, capacity: 10 }
  - { id: duty, name: On duty, capacity: 50 }

# When nobody of a pool can take the lead, its overflow may.
pools:
  - { id: inbound, members: [ana, ben], overflow: on-call }
  - { id: on-call, members: [duty] }

# The first that holds decides; the last takes every lead.
routes:
  - id: route.owner
    to: account-owner
    why: The account has an owner
  - id: route.dach
    when: { company.country: { $in: [DE, AT, CH] } }
    pool: inbound
    skills: [de]
  - id: route.rest
    pool: inbound

# In which states a lead may wait, and for whom.
pauses: { waiting-for-customer: prospect, legal-hold: other }

# How fast. The first that holds sets the clocks; respond is the
# first touch. Only a call, a reply, a meeting or a chat stops it.
tiers:
  # Somebody is waiting: around the clock, then the next in line.
  - id: immediate
    when: { source.trigger: { $in: [live_demo, chat] } }
    respond: 5m
    clock: always
    remind: [3m]
    escalate: [{ after: 5m, to: on-call, action: reassign }]

  # A person must decide: 30 minutes to look, 6 hours to decide.
  - id: review
    when: { decision.outcome: review }
    respond: 30m
    clock: always
    clocks:
      - id: decision
        kind: resolution
        within: 6h
        remind: [2h]
        escalate: [{ after: 6h, to: on-call, action: notify }]

  - id: partner
    when: { source.type: partner }
    respond: 4h
    clock: business
    calendar: office
    remind: [3h]
    escalate: [{ after: 4h, action: overflow }]

  - id: strong
    when: { source.trigger: { $in: [demo_request, trial] } }
    respond: 1h
    clock: business
    calendar: office
    remind: [45m]
    escalate: [{ after: 1h, action: overflow }]
    pauseOn: [waiting-for-customer]
    clocks:
      - { kind: follow-up, within: 24h }
      - { kind: resolution, within: 80h, pauseOn: [waiting-for-customer, legal-hold] }

  # Fits and asks, in another way than by a demo.
  - id: fast-path
    when: { decision.grade: A1 }
    respond: 2h
    clock: business
    calendar: office
    remind: [90m]
    escalate: [{ after: 2h, action: overflow }]

  # Business hours: 8 of them are a working day, 24 about three.
  - id: routine
    respond: 24h
    clock: business
    calendar: office
    remind: [16h]
    escalate: [{ after: 24h, action: notify }]
`,
}
