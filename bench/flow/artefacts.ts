/** Contract and policy of the benchmark: every lead qualifies and finds a rep, the longest way. */
import { stringify } from 'yaml'

export function contractText(): string {
  return stringify({
    contract: 'bench-flow',
    version: '1.0.0',
    suppress: [
      { id: 'own-staff', when: { 'contact.domain': 'bench.example' }, why: 'Our own people' },
      { id: 'competitor', when: { 'company.domain': { $in: ['rival.example'] } }, why: 'A rival' },
    ],
    fit: {
      rules: [
        fitRule('country', { 'company.country': { $in: ['DE', 'AT', 'CH'] } }, 20),
        fitRule('industry', { 'company.industry': { $in: ['software', 'fintech'] } }, 20),
        fitRule('size', { 'company.employees': { $gte: 50, $lte: 5_000 } }, 25),
        fitRule('tiny', { 'company.employees': { $lt: 5 } }, -20),
        fitRule('seniority', { 'contact.seniority': { $in: ['c-level', 'vp', 'director'] } }, 15),
        fitRule('department', { 'contact.department': { $in: ['operations', 'it'] } }, 5),
        fitRule('business-mail', { 'contact.emailKind': 'business' }, 10),
        fitRule('free-mail', { 'contact.emailKind': 'free' }, -10),
        fitRule('plan', { 'attributes.plan': { $in: ['team', 'enterprise'] } }, 10),
        fitRule('seats', { 'attributes.seats': { $gte: 100 } }, 10),
      ],
    },
    intent: {
      halfLife: '7d',
      rules: [
        { id: 'intent.demo', on: 'demo_request', points: 60, why: 'Asked for a demo' },
        { id: 'intent.pricing', on: 'pricing_view', points: 8, max: 24, why: 'Looked at prices' },
        { id: 'intent.webinar', on: 'webinar_attended', points: 5, max: 15, why: 'Saw a webinar' },
        { id: 'intent.unsubscribe', on: 'unsubscribe', points: -50, why: 'Left the list' },
      ],
    },
    decide: [
      {
        id: 'decide.sql',
        when: { 'fit.points': { $gte: 50 }, 'intent.points': { $gte: 50 } },
        outcome: 'sql',
        grade: 'A1',
      },
      { id: 'decide.nurture', outcome: 'nurture', grade: 'C3' },
    ],
  })
}

function fitRule(name: string, when: object, points: number): object {
  return { id: `fit.${name}`, when, points, why: `${name} says something about the fit` }
}

const REPS = 20

export function policyText(): string {
  const reps = Array.from({ length: REPS }, (_, index) => `rep-${index + 1}`)
  return stringify({
    policy: 'bench-flow',
    version: '1.0.0',
    calendars: {
      berlin: { timezone: 'Europe/Berlin', hours: { 'mon-fri': ['09:00-12:30', '13:30-18:00'] } },
    },
    reps: reps.map((id) => ({ id, name: id, capacity: 100_000 })),
    pools: [{ id: 'inbound', members: reps }],
    routes: [{ id: 'route.all', pool: 'inbound' }],
    tiers: [
      {
        id: 'strong',
        respond: '1h',
        clock: 'business',
        calendar: 'berlin',
        remind: ['45m'],
        escalate: [{ after: '2h', to: 'inbound', action: 'notify' }],
      },
    ],
  })
}
