import type { Answer, FiredTimer, PolicyObserver, PolicyState } from '@guanxi/policies';
import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Measurements of the policies: of this process's worker as they come, of their books at each scrape. */
export class PolicyMetrics implements PolicyObserver {
  private readonly late: Histogram;
  private readonly commands: Counter;
  private readonly gauges: readonly { readonly gauge: Gauge; readonly of: (state: PolicyState) => number }[];

  constructor(registry: Registry) {
    const registers = [registry];
    this.late = new Histogram({
      name: 'guanxi_timer_late_seconds',
      help: 'How long after they were due timers fired in this process',
      labelNames: ['policy'],
      buckets: [0.5, 1, 5, 15, 60, 300, 3_600, 86_400],
      registers,
    });
    this.commands = new Counter({
      name: 'guanxi_policy_commands_total',
      help: 'Commands that this process sent for policies, by what became of them',
      labelNames: ['policy', 'command', 'answer'],
      registers,
    });
    const gauge = (name: string, help: string, of: (state: PolicyState) => number) => ({
      gauge: new Gauge({ name: `guanxi_${name}`, help, labelNames: ['policy'], registers }),
      of,
    });
    this.gauges = [
      gauge('timers_pending', 'Timers that are set and have not fired', ({ pending }) => pending),
      gauge('timers_due', 'Timers whose instant has come and that have not fired', ({ due }) => due),
      gauge(
        'timers_overdue_seconds',
        'Since when the longest due timer waits',
        ({ lateSeconds }) => lateSeconds,
      ),
      gauge('policy_outbox_commands', 'Commands that wait to be sent', ({ outbox }) => outbox),
      gauge('policy_refused_commands', 'Commands that were refused for good', ({ refused }) => refused),
      gauge(
        'policy_parked_keys',
        'Keys that are set aside, as they could not be taken in',
        ({ parked }) => parked,
      ),
    ];
  }

  fired(timers: readonly FiredTimer[]): void {
    for (const { policy, lateByMilliseconds } of timers)
      this.late.observe({ policy }, lateByMilliseconds / 1_000);
  }

  sent(policy: string, command: string, answer: Answer): void {
    this.commands.inc({ policy, command, answer });
  }

  /** Takes over how the policies stand. */
  look(states: readonly PolicyState[]): void {
    for (const state of states)
      for (const { gauge, of } of this.gauges) gauge.set({ policy: state.policy }, of(state));
  }
}
