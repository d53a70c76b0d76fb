import { given } from '../../../../test/support/given';
import type { DepartmentEvent } from './department';
import { defineDepartment, departmentDecider } from './department';
import type { ExchangeRateEvent } from './exchange-rate';
import { exchangeRateDecider, isRate, recordExchangeRate } from './exchange-rate';
import type { ProductEvent } from './product';
import { defineProduct, productDecider, retireProduct, reviseProduct } from './product';
import type { SellerEvent } from './seller';
import { defineSeller, releaseSeller, reviseSeller, sellerDecider } from './seller';

const price = { amount: 482_100, currency: 'USD' };

describe('a product', () => {
  const givenProduct = given(productDecider);
  const defined: ProductEvent = {
    type: 'product-defined.v1',
    data: { name: 'GTX Pro', family: 'GTX', attributes: { line: 'hardware', months: 24 } },
  };
  const retired: ProductEvent = { type: 'product-retired.v1', data: {} };

  it('is defined once; fields left out are no fields', () => {
    givenProduct()
      .when(defineProduct({ name: 'GTX Pro', externalRef: undefined, listPrice: price }))
      .then({ type: 'product-defined.v1', data: { name: 'GTX Pro', listPrice: price } });
    givenProduct(defined).when(defineProduct(defined.data)).thenNothing();
  });

  it('refuses a second definition that says something else', () => {
    givenProduct(defined)
      .when(defineProduct({ name: 'GTX Pro' }))
      .thenRefuses('product.exists');
  });

  it('keeps only what a revision changes, and custom fields that it does not name', () => {
    givenProduct(defined)
      .when(reviseProduct({ name: 'GTX Pro', family: 'GT', attributes: { months: 36 } }))
      .then({
        type: 'product-revised.v1',
        data: { family: 'GT', attributes: { line: 'hardware', months: 36 } },
      });
  });

  it('is not revised by what it already says', () => {
    givenProduct(defined)
      .when(reviseProduct({ family: 'GTX', attributes: { months: 24 } }))
      .thenNothing();
    givenProduct(defined).when(reviseProduct({})).thenNothing();
  });

  it('is retired once, and not revised any more', () => {
    givenProduct(defined)
      .when(retireProduct({ reason: 'replaced' }))
      .then({ type: 'product-retired.v1', data: { reason: 'replaced' } });
    givenProduct(defined, retired).when(retireProduct({})).thenNothing();
    givenProduct(defined, retired)
      .when(reviseProduct({ family: 'GT' }))
      .thenRefuses('product.retired');
  });

  it('must be there to be revised or retired', () => {
    givenProduct()
      .when(reviseProduct({ family: 'GT' }))
      .thenRefuses('product.unknown');
    givenProduct().when(retireProduct({})).thenRefuses('product.unknown');
  });
});

describe('a seller', () => {
  const givenSeller = given(sellerDecider);
  const defined: SellerEvent = {
    type: 'seller-defined.v1',
    data: { name: 'Lin Mei', region: 'East', manager: 'Chen Wei' },
  };
  const moved: SellerEvent = { type: 'seller-revised.v1', data: { region: 'West' } };
  const left: SellerEvent = { type: 'seller-left.v1', data: {} };

  it('is defined once', () => {
    givenSeller()
      .when(defineSeller({ ...defined.data, department: undefined }))
      .then(defined);
    givenSeller(defined).when(defineSeller(defined.data)).thenNothing();
    givenSeller(defined)
      .when(defineSeller({ name: 'Lin Mei' }))
      .thenRefuses('seller.exists');
  });

  it('moves to another region and manager', () => {
    givenSeller(defined)
      .when(reviseSeller({ region: 'West', manager: 'Chen Wei' }))
      .then(moved);
    givenSeller(defined, moved)
      .when(reviseSeller({ region: 'West' }))
      .thenNothing();
  });

  it('leaves once, and is not revised any more', () => {
    givenSeller(defined)
      .when(releaseSeller({ reason: 'retired' }))
      .then({ type: 'seller-left.v1', data: { reason: 'retired' } });
    givenSeller(defined, left).when(releaseSeller({})).thenNothing();
    givenSeller(defined, left)
      .when(reviseSeller({ region: 'West' }))
      .thenRefuses('seller.left');
  });

  it('must be there to be revised or to leave', () => {
    givenSeller()
      .when(reviseSeller({ region: 'West' }))
      .thenRefuses('seller.unknown');
    givenSeller().when(releaseSeller({})).thenRefuses('seller.unknown');
  });
});

describe('a department', () => {
  const givenDepartment = given(departmentDecider);
  const defined: DepartmentEvent = { type: 'department-defined.v1', data: { name: 'Key accounts' } };

  it('is defined once', () => {
    givenDepartment()
      .when(defineDepartment({ name: 'Key accounts', parent: undefined }, 'own'))
      .then(defined);
    givenDepartment(defined)
      .when(defineDepartment({ name: 'Key accounts' }, 'own'))
      .thenNothing();
    givenDepartment(defined)
      .when(defineDepartment({ name: 'Other' }, 'own'))
      .thenRefuses('department.exists');
  });

  it('is not its own parent', () => {
    givenDepartment()
      .when(defineDepartment({ name: 'Key accounts', parent: 'own' }, 'own'))
      .thenRefusesField('parent', 'other');
  });
});

describe('an exchange rate', () => {
  const givenRate = given(exchangeRateDecider);
  const recorded: ExchangeRateEvent = {
    type: 'exchange-rate-recorded.v1',
    data: { base: 'USD', quote: 'CNY', rate: '7.1' },
  };

  it.each([
    [7.1, '7.1'],
    ['007.10', '7.1'],
    ['7.00', '7'],
    [0.00000001, '0.00000001'],
    ['0.5', '0.5'],
    [1_000_000, '1000000'],
  ])('of %p is kept as the decimal %s', (rate, text) => {
    givenRate()
      .when(recordExchangeRate({ base: 'USD', quote: 'CNY', rate }))
      .then({ type: 'exchange-rate-recorded.v1', data: { base: 'USD', quote: 'CNY', rate: text } });
  });

  it.each([
    0,
    -1,
    '0',
    '0.00',
    '-7',
    '7,1',
    '1e3',
    1e-9,
    0.123456789,
    1e13,
    Number.NaN,
    Infinity,
    '',
    null,
    {},
  ])('of %p is none', (rate) => {
    expect(isRate(rate)).toBe(false);
  });

  it('that slips past its input class is refused by name all the same', () => {
    givenRate()
      .when(recordExchangeRate({ base: 'USD', quote: 'CNY', rate: 0 }))
      .thenRefusesField('rate', 'isRate');
  });

  it('is between two currencies', () => {
    givenRate()
      .when(recordExchangeRate({ base: 'USD', quote: 'USD', rate: 1 }))
      .thenRefusesField('quote', 'other');
  });

  it('is recorded once an id', () => {
    givenRate(recorded)
      .when(recordExchangeRate({ base: 'USD', quote: 'CNY', rate: '7.10' }))
      .thenNothing();
    givenRate(recorded)
      .when(recordExchangeRate({ base: 'USD', quote: 'CNY', rate: '7.2' }))
      .thenRefuses('exchange-rate.exists');
  });
});
