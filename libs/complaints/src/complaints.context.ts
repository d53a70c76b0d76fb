import type { Context } from '@guanxi/platform';
import { complaintCommands } from './commands/commands';
import { complaintEvents } from './domain/events';
import { ComplaintsController } from './http/complaints.controller';
import { complaintClock } from './policies/complaint-clock';
import { complaintPublication } from './publishing/public-events';
import { complaints } from './read/complaints';

/** Complaints, from filing to the return visit, and their figures. */
export const complaintsContext: Context = {
  name: 'complaints',
  events: complaintEvents,
  commands: complaintCommands,
  readModels: [complaints],
  policies: [complaintClock()],
  controllers: [ComplaintsController],
  publishes: [complaintPublication],
};
