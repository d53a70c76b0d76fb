import type { Product, SellerProfile } from './catalogue';
import type { Random } from './random';

/** A seller of the company as its actors see him. */
export interface Seller {
  readonly id: string;
  readonly profile: SellerProfile;
  left: boolean;
}

/** A customer as its actors see it. */
export interface Customer {
  readonly id: string;
  readonly number: number;
  readonly externalRef: string;
  readonly kind: 'end' | 'intermediary' | 'internal';
  readonly region: string;
  readonly random: Random;
  readonly registeredAt: number;
  /** Median revenue of a purchase in fen; heavy-tailed over customers. */
  readonly basket: number;
  /** Usual days between two purchases. */
  readonly rhythm: number;
  owner: Seller;
  status: 'prospect' | 'active' | 'lost';
  /** Complaints that went badly: they make it leave. */
  grievances: number;
  /** Revenue so far, in fen. */
  revenue: number;
  sizeBand: number;
}

/** An open deal as others than its own process see it. */
export interface OpenDeal {
  readonly owner: Seller;
  assign(to: Seller, reason: string): void;
}

/** All that actors know of each other. */
export class Company {
  readonly sellers: Seller[] = [];
  readonly products: (Product & { readonly id: string })[] = [];
  readonly customers: Customer[] = [];
  readonly openDeals = new Set<OpenDeal>();

  /** Sellers who are still there, of a region where one is named and has any. */
  present(region?: string): readonly Seller[] {
    const here = this.sellers.filter(({ left }) => !left);
    const own = here.filter(({ profile }) => profile.region === region);
    return own.length > 0 ? own : here;
  }
}
