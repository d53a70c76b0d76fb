import { given, metaAt } from '../../../../test/support/given';
import { complaintDecider } from './complaint';
import type { ComplaintEvent } from './events';
import {
  acknowledgeComplaint,
  assignComplaint,
  escalateComplaint,
  fileComplaint,
  recordFinding,
  withdrawComplaint,
} from './intake';
import {
  answerProposal,
  closeComplaint,
  followUpComplaint,
  proposeSolution,
  reopenComplaint,
  resolveComplaint,
} from './solving';

const givenComplaint = given(complaintDecider);
const customerId = '7b0c3f4e-51c5-4c8e-9a2f-1d4b6a7c8e90';
const meta = metaAt();

const filed: ComplaintEvent = {
  type: 'complaint-filed.v1',
  data: { customerId, channel: 'phone', cause: 'promise-broken', severity: 3 },
};
const acknowledged: ComplaintEvent = { type: 'complaint-acknowledged.v1', data: { by: 'front desk' } };
const solution = { regret: 'sorry', correction: 'tomorrow', remedy: 'dates are confirmed first' };
const proposed: ComplaintEvent = { type: 'complaint-solution-proposed.v1', data: solution };
const refused: ComplaintEvent = {
  type: 'complaint-proposal-answered.v1',
  data: { accepted: false, reason: 'too little' },
};
const resolved: ComplaintEvent = { type: 'complaint-resolved.v1', data: { resolution: 'delivered' } };
const reached: ComplaintEvent = {
  type: 'complaint-followed-up.v1',
  data: { reached: true, satisfied: true },
};
const missed: ComplaintEvent = { type: 'complaint-followed-up.v1', data: { reached: false } };
const closed: ComplaintEvent = { type: 'complaint-closed.v1', data: {} };
const withdrawn: ComplaintEvent = { type: 'complaint-withdrawn.v1', data: {} };
const reopened: ComplaintEvent = { type: 'complaint-reopened.v1', data: { reason: 'broke again' } };
const escalated = (from: 'front' | 'middle', to: 'middle' | 'senior'): ComplaintEvent => ({
  type: 'complaint-escalated.v1',
  data: { from, to, reason: 'no answer' },
});
const solvedOnce = [filed, acknowledged, proposed, resolved] as const;

describe('filing', () => {
  it('takes in a complaint of a customer, of severity 3 where not said', () => {
    givenComplaint()
      .when(fileComplaint({ customerId, channel: 'phone', cause: 'promise-broken', product: undefined }))
      .then(filed);
  });

  it('takes in a complaint of somebody unnamed', () => {
    givenComplaint()
      .when(fileComplaint({ anonymous: true, channel: 'web', cause: 'unknown', severity: 1 }))
      .then({
        type: 'complaint-filed.v1',
        data: { anonymous: true, channel: 'web', cause: 'unknown', severity: 1 },
      });
  });

  it('needs a customer or the word that there is none to be named, not both', () => {
    givenComplaint()
      .when(fileComplaint({ channel: 'web', cause: 'unknown' }))
      .thenRefusesField('customerId', 'required');
    givenComplaint()
      .when(fileComplaint({ anonymous: false, channel: 'web', cause: 'unknown' }))
      .thenRefusesField('customerId', 'required');
    givenComplaint()
      .when(fileComplaint({ customerId, anonymous: true, channel: 'web', cause: 'unknown' }))
      .thenRefusesField('anonymous', 'notWithCustomer');
  });

  it('is done once an id', () => {
    givenComplaint(filed)
      .when(fileComplaint({ customerId, channel: 'phone', cause: 'promise-broken' }))
      .thenNothing();
    givenComplaint(filed)
      .when(fileComplaint({ customerId, channel: 'web', cause: 'promise-broken' }))
      .thenRefuses('complaint.exists');
  });
});

describe('the first answer', () => {
  it('is noted once', () => {
    givenComplaint(filed)
      .when(acknowledgeComplaint({ by: 'front desk', note: undefined }))
      .then(acknowledged);
    givenComplaint(filed, acknowledged)
      .when(acknowledgeComplaint({ by: 'front desk' }))
      .thenNothing();
    givenComplaint(filed, acknowledged)
      .when(acknowledgeComplaint({ by: 'manager' }))
      .thenRefuses('complaint.acknowledged');
  });

  it('needs a complaint that is open', () => {
    givenComplaint().when(acknowledgeComplaint({})).thenRefuses('complaint.unknown');
    givenComplaint(filed, withdrawn)
      .when(acknowledgeComplaint({}))
      .thenRefuses('complaint.not-open', { status: 'withdrawn' });
  });
});

describe('a finding', () => {
  const known = { known: 'left a day late' };
  const found: ComplaintEvent = { type: 'complaint-finding-recorded.v1', data: known };

  it('may be noted as long as the complaint is not at its end', () => {
    givenComplaint(filed).when(recordFinding(known)).then(found);
    givenComplaint(...solvedOnce)
      .when(recordFinding(known))
      .then(found);
    givenComplaint(...solvedOnce, reached, closed)
      .when(recordFinding(known))
      .thenRefuses('complaint.not-open', { status: 'closed' });
    givenComplaint().when(recordFinding(known)).thenRefuses('complaint.unknown');
  });

  it('is noted once, and again when it says more', () => {
    givenComplaint(filed, found).when(recordFinding(known)).thenNothing();
    givenComplaint(filed, found)
      .when(recordFinding({ ...known, done: 'carrier asked' }))
      .then({ type: 'complaint-finding-recorded.v1', data: { ...known, done: 'carrier asked' } });
  });
});

describe('a proposal', () => {
  it('comes after the first answer', () => {
    givenComplaint(filed, acknowledged).when(proposeSolution(solution)).then(proposed);
    givenComplaint(filed)
      .when(proposeSolution(solution))
      .thenRefuses('complaint.order', { status: 'filed', missing: ['acknowledged'] });
    givenComplaint().when(proposeSolution(solution)).thenRefuses('complaint.unknown');
  });

  it('names a redress that is one', () => {
    givenComplaint(filed, acknowledged)
      .when(proposeSolution({ ...solution, redress: { text: 'carriage', amount: undefined } }))
      .then({ type: 'complaint-solution-proposed.v1', data: { ...solution, redress: { text: 'carriage' } } });
    givenComplaint(filed, acknowledged)
      .when(proposeSolution({ ...solution, redress: {} }))
      .thenRefusesField('redress', 'notEmpty');
  });

  it('may be bettered, but not repeated', () => {
    const better = { ...solution, correction: 'today' };
    givenComplaint(filed, acknowledged, proposed).when(proposeSolution(solution)).thenNothing();
    givenComplaint(filed, acknowledged, proposed, refused)
      .when(proposeSolution(better))
      .then({ type: 'complaint-solution-proposed.v1', data: better });
  });

  it('is not made to a complaint that is resolved', () => {
    givenComplaint(...solvedOnce)
      .when(proposeSolution({ ...solution, correction: 'today' }))
      .thenRefuses('complaint.not-open', { status: 'resolved' });
  });
});

describe('the answer to a proposal', () => {
  it('needs a proposal', () => {
    givenComplaint(filed)
      .when(answerProposal({ accepted: true }))
      .thenRefuses('complaint.order', { missing: ['acknowledged', 'proposed'] });
    givenComplaint(filed, acknowledged, proposed, reopened)
      .when(answerProposal({ accepted: true }))
      .thenRefuses('complaint.order', { missing: ['proposed'] });
    givenComplaint()
      .when(answerProposal({ accepted: true }))
      .thenRefuses('complaint.unknown');
  });

  it('is noted once, and may be changed while the complaint is open', () => {
    givenComplaint(filed, acknowledged, proposed)
      .when(answerProposal({ accepted: false, reason: 'too little' }))
      .then(refused);
    givenComplaint(filed, acknowledged, proposed, refused)
      .when(answerProposal({ accepted: false, reason: 'too little' }))
      .thenNothing();
    givenComplaint(filed, acknowledged, proposed, refused)
      .when(answerProposal({ accepted: true }))
      .then({ type: 'complaint-proposal-answered.v1', data: { accepted: true } });
    givenComplaint(...solvedOnce)
      .when(answerProposal({ accepted: true }))
      .thenRefuses('complaint.not-open', { status: 'resolved' });
  });
});

describe('resolving', () => {
  it('comes after a proposal that was not refused', () => {
    givenComplaint(filed, acknowledged, proposed)
      .when(resolveComplaint({ resolution: 'delivered' }))
      .then(resolved);
    givenComplaint(filed)
      .when(resolveComplaint({ resolution: 'delivered' }))
      .thenRefuses('complaint.order', { status: 'filed', missing: ['acknowledged', 'proposed'] });
    givenComplaint(filed, acknowledged, proposed, refused)
      .when(resolveComplaint({ resolution: 'delivered' }))
      .thenRefuses('complaint.order', { missing: ['proposal-not-refused'] });
    givenComplaint(filed, acknowledged, proposed, refused, proposed)
      .when(resolveComplaint({ resolution: 'delivered' }))
      .then(resolved);
    givenComplaint()
      .when(resolveComplaint({ resolution: 'delivered' }))
      .thenRefuses('complaint.unknown');
  });

  it('is done once', () => {
    givenComplaint(...solvedOnce)
      .when(resolveComplaint({ resolution: 'delivered' }))
      .thenNothing();
    givenComplaint(...solvedOnce)
      .when(resolveComplaint({ resolution: 'refunded' }))
      .thenRefuses('complaint.not-open', { status: 'resolved' });
  });

  it('may say that its moment is assumed', () => {
    const data = { resolution: 'delivered', assumed: ['resolvedAt' as const] };
    givenComplaint(filed, acknowledged, proposed)
      .when(resolveComplaint(data))
      .then({ type: 'complaint-resolved.v1', data });
  });
});

describe('the return visit', () => {
  it('follows a resolution', () => {
    givenComplaint(...solvedOnce)
      .when(followUpComplaint({ reached: true, satisfied: true }, meta))
      .then(reached);
    givenComplaint(filed, acknowledged)
      .when(followUpComplaint({ reached: false }, meta))
      .thenRefuses('complaint.order', { missing: ['proposed', 'resolved'] });
    givenComplaint()
      .when(followUpComplaint({ reached: false }, meta))
      .thenRefuses('complaint.unknown');
    givenComplaint(...solvedOnce, reached, closed)
      .when(followUpComplaint({ reached: false }, meta))
      .thenRefuses('complaint.not-open', { status: 'closed' });
  });

  it('asks whether the customer is satisfied, if reached', () => {
    givenComplaint(...solvedOnce)
      .when(followUpComplaint({ reached: true }, meta))
      .thenRefusesField('satisfied', 'required');
    givenComplaint(...solvedOnce)
      .when(followUpComplaint({ reached: false, satisfied: false }, meta))
      .thenRefusesField('reached', 'needsReached');
    givenComplaint(...solvedOnce)
      .when(followUpComplaint({ reached: false, wouldBuyAgain: false }, meta))
      .thenRefusesField('reached', 'needsReached');
  });

  it('counts attempts by their moment', () => {
    givenComplaint(...solvedOnce, missed)
      .when(followUpComplaint({ reached: false }, meta))
      .thenNothing();
    givenComplaint(...solvedOnce, missed)
      .when(followUpComplaint({ reached: false }, metaAt('2026-03-03T12:00:00Z')))
      .then(missed);
    givenComplaint(...solvedOnce, reached)
      .when(followUpComplaint({ reached: true, satisfied: true }, metaAt('2026-03-03T12:00:00Z')))
      .thenNothing();
  });
});

describe('closing', () => {
  it('needs a return visit or three attempts at one', () => {
    givenComplaint(...solvedOnce, reached)
      .when(closeComplaint({}))
      .then(closed);
    givenComplaint(...solvedOnce, missed, missed, missed)
      .when(closeComplaint({}))
      .then(closed);
    givenComplaint(...solvedOnce, missed, missed)
      .when(closeComplaint({}))
      .thenRefuses('complaint.order', { status: 'resolved', missing: ['followed-up'] });
  });

  it('names every step that is missing', () => {
    givenComplaint(filed)
      .when(closeComplaint({}))
      .thenRefuses('complaint.order', { missing: ['acknowledged', 'proposed', 'resolved', 'followed-up'] });
  });

  it('is done once, and not to a complaint that was withdrawn or never filed', () => {
    givenComplaint(...solvedOnce, reached, closed)
      .when(closeComplaint({ note: 'again' }))
      .thenNothing();
    givenComplaint(filed, withdrawn)
      .when(closeComplaint({}))
      .thenRefuses('complaint.not-open', { status: 'withdrawn' });
    givenComplaint().when(closeComplaint({})).thenRefuses('complaint.unknown');
  });
});

describe('reopening', () => {
  it('starts the work on a solution again, from resolved or closed', () => {
    givenComplaint(...solvedOnce)
      .when(reopenComplaint({ reason: 'broke again' }))
      .then(reopened);
    givenComplaint(...solvedOnce, reached, closed)
      .when(reopenComplaint({ reason: 'broke again' }))
      .then(reopened);
    givenComplaint(...solvedOnce, reached, closed, reopened)
      .when(closeComplaint({}))
      .thenRefuses('complaint.order', {
        status: 'acknowledged',
        missing: ['proposed', 'resolved', 'followed-up'],
      });
  });

  it('is refused where nothing is resolved', () => {
    givenComplaint(filed, acknowledged)
      .when(reopenComplaint({ reason: 'broke again' }))
      .thenRefuses('complaint.order', { missing: ['proposed', 'resolved'] });
    givenComplaint(filed, withdrawn)
      .when(reopenComplaint({ reason: 'broke again' }))
      .thenRefuses('complaint.not-open', { status: 'withdrawn' });
    givenComplaint()
      .when(reopenComplaint({ reason: 'broke again' }))
      .thenRefuses('complaint.unknown');
  });

  it('is done once for one reason', () => {
    givenComplaint(...solvedOnce, reopened)
      .when(reopenComplaint({ reason: 'broke again' }))
      .thenNothing();
  });
});

describe('withdrawing', () => {
  it('ends an open complaint, once', () => {
    givenComplaint(filed, acknowledged, proposed)
      .when(withdrawComplaint({ reason: undefined }))
      .then(withdrawn);
    givenComplaint(filed, withdrawn)
      .when(withdrawComplaint({ reason: 'other' }))
      .thenNothing();
  });

  it('comes too late for what is resolved, and too early for what was not filed', () => {
    givenComplaint(...solvedOnce)
      .when(withdrawComplaint({}))
      .thenRefuses('complaint.not-open', { status: 'resolved' });
    givenComplaint().when(withdrawComplaint({})).thenRefuses('complaint.unknown');
  });
});

describe('assigning', () => {
  const assigned: ComplaintEvent = { type: 'complaint-assigned.v1', data: { owner: customerId } };

  it('names an owner until the complaint is at its end', () => {
    givenComplaint(filed)
      .when(assignComplaint({ owner: customerId }))
      .then(assigned);
    givenComplaint(filed, assigned)
      .when(assignComplaint({ owner: customerId }))
      .thenNothing();
    givenComplaint(filed, withdrawn)
      .when(assignComplaint({ owner: customerId }))
      .thenRefuses('complaint.not-open');
    givenComplaint()
      .when(assignComplaint({ owner: customerId }))
      .thenRefuses('complaint.unknown');
  });
});

describe('escalating', () => {
  it('goes up one level at a time', () => {
    givenComplaint(filed)
      .when(escalateComplaint({ reason: 'no answer' }))
      .then(escalated('front', 'middle'));
    givenComplaint(filed, escalated('front', 'middle'))
      .when(escalateComplaint({ to: 'senior', reason: 'no answer' }))
      .then(escalated('middle', 'senior'));
    givenComplaint(filed)
      .when(escalateComplaint({ to: 'senior', reason: 'no answer' }))
      .thenRefuses('complaint.level-order', { level: 'front', to: 'senior', next: 'middle' });
  });

  it('never goes down, and ends with senior management', () => {
    const atTheTop = [filed, escalated('front', 'middle'), escalated('middle', 'senior')] as const;
    givenComplaint(...atTheTop)
      .when(escalateComplaint({ to: 'middle', reason: 'no answer' }))
      .thenRefuses('complaint.level-order', { level: 'senior', to: 'middle' });
    givenComplaint(...atTheTop)
      .when(escalateComplaint({ reason: 'no answer' }))
      .thenRefuses('complaint.highest-level', { level: 'senior' });
    givenComplaint(...atTheTop)
      .when(escalateComplaint({ to: 'senior', reason: 'no answer' }))
      .thenNothing();
  });

  it('is for open complaints', () => {
    givenComplaint(...solvedOnce)
      .when(escalateComplaint({ reason: 'no answer' }))
      .thenRefuses('complaint.not-open', { status: 'resolved' });
    givenComplaint()
      .when(escalateComplaint({ reason: 'no answer' }))
      .thenRefuses('complaint.unknown');
  });
});
