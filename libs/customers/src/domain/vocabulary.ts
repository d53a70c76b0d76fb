/** Distance of a customer: who uses what we sell, who passes it on, and whose next step in our own house needs it. */
export const KINDS = ['end', 'intermediary', 'internal'] as const;
export type Kind = (typeof KINDS)[number];

export const PARTIES = ['person', 'organisation'] as const;

/** How a customer came to us. */
export const ACQUISITION_CHANNELS = [
  'door-to-door',
  'advertising',
  'desk-research',
  'conference',
  'club',
  'telephone',
  'consulting',
  'competitor-takeover',
  'direct-mail',
  'referral',
  'sms',
  'web',
  'walk-in',
  'import',
] as const;

export const REFERRAL_KINDS = ['celebrity', 'bellwether', 'partner', 'ordinary'] as const;

/** Where the data of the file came from. */
export const DATA_SOURCES = [
  'survey',
  'point-of-sale',
  'event',
  'rented-list',
  'ad-response',
  'promotion',
  'service-contact',
  'import',
] as const;

/** What a customer already was to us when its file was opened. */
export const RELATIONSHIPS = ['prospect', 'active'] as const;

/** Why a relationship ended. */
export const LOSS_CAUSES = [
  'product',
  'price',
  'service',
  'benefit',
  'management',
  'industry',
  'natural',
  'unknown',
] as const;
export type LossCause = (typeof LOSS_CAUSES)[number];

/** Who brought the end about. */
export const RESPONSIBLE_SIDES = ['us', 'related-party', 'nobody'] as const;

/** A sale, or a credit note that names no original. */
export const PURCHASE_KINDS = ['sale', 'return'] as const;
export type PurchaseKind = (typeof PURCHASE_KINDS)[number];

/** Whether a loss for this cause could have been prevented; absent for `unknown`. */
export function controllableByDefault(cause: LossCause): boolean | undefined {
  switch (cause) {
    case 'product':
    case 'price':
    case 'service':
    case 'benefit':
    case 'management':
      return true;
    case 'industry':
    case 'natural':
      return false;
    case 'unknown':
      return undefined;
  }
}
