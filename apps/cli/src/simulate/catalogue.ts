/** What the simulated company consists of: invented names, plausible figures. Amounts in fen (CNY / 100). */

export const CURRENCY = 'CNY';

export interface Product {
  readonly code: string;
  readonly name: string;
  readonly family: string;
  readonly listPrice: number;
  /** Share of the list price that the goods cost. */
  readonly costShare: number;
  readonly weight: number;
}

export const products: readonly Product[] = [
  {
    code: 'TEA-GREEN',
    name: 'Green tea, case',
    family: 'Tea',
    listPrice: 36_000,
    costShare: 0.52,
    weight: 22,
  },
  {
    code: 'TEA-PUER',
    name: 'Aged pu-er, case',
    family: 'Tea',
    listPrice: 128_000,
    costShare: 0.41,
    weight: 11,
  },
  { code: 'CUP-SET', name: 'Cup set', family: 'Ware', listPrice: 24_500, costShare: 0.58, weight: 18 },
  { code: 'POT-CLAY', name: 'Clay pot', family: 'Ware', listPrice: 68_000, costShare: 0.47, weight: 10 },
  { code: 'BREW-10', name: 'Brewer 10', family: 'Machines', listPrice: 480_000, costShare: 0.63, weight: 6 },
  {
    code: 'BREW-40',
    name: 'Brewer 40',
    family: 'Machines',
    listPrice: 1_650_000,
    costShare: 0.59,
    weight: 3,
  },
  {
    code: 'FILTER',
    name: 'Filter, year pack',
    family: 'Service',
    listPrice: 18_000,
    costShare: 0.3,
    weight: 19,
  },
  {
    code: 'CARE-1Y',
    name: 'Care contract, one year',
    family: 'Service',
    listPrice: 96_000,
    costShare: 0.22,
    weight: 7,
  },
];

export const regions = ['North', 'East', 'South'] as const;

export const departments = ['Key accounts', 'Trade', 'Direct sales'] as const;

export interface SellerProfile {
  readonly name: string;
  readonly region: (typeof regions)[number];
  readonly department: (typeof departments)[number];
  readonly manager: string;
  /** How much oftener than others a deal goes on. */
  readonly skill: number;
}

const managers = { North: 'Zhao Jun', East: 'Chen Wei', South: 'Liang Yun' } as const;

const seller = (
  name: string,
  region: SellerProfile['region'],
  department: SellerProfile['department'],
  skill: number,
): SellerProfile => ({ name, region, department, manager: managers[region], skill });

export const sellers: readonly SellerProfile[] = [
  seller('Lin Mei', 'North', 'Key accounts', 1.22),
  seller('Guo Ping', 'North', 'Trade', 0.96),
  seller('Tang Rui', 'North', 'Direct sales', 0.88),
  seller('Xu Fang', 'North', 'Direct sales', 1.02),
  seller('He Yong', 'East', 'Key accounts', 1.14),
  seller('Shen Li', 'East', 'Trade', 1.08),
  seller('Qiu Bo', 'East', 'Direct sales', 0.82),
  seller('Jiang Xin', 'East', 'Direct sales', 1.0),
  seller('Mo Qing', 'South', 'Key accounts', 1.18),
  seller('Luo Tao', 'South', 'Trade', 0.92),
  seller('Fan Yi', 'South', 'Direct sales', 0.97),
  seller('Wei Na', 'South', 'Direct sales', 1.05),
];

export const industries = ['hospitality', 'retail', 'offices', 'education', 'health', 'catering'] as const;

export const sizeBands = ['1-9', '10-49', '50-249', '250+'] as const;

export const firstNames = [
  ...['Heng', 'Rui', 'Xing', 'Tian', 'Yuan', 'Hong', 'Jin', 'Fu', 'Kang', 'Sheng', 'Bao', 'Da'],
  ...['An', 'Li', 'Ming', 'Chang', 'Guang', 'Hua', 'Dong', 'Xin', 'Zhong', 'Wan', 'Qing', 'Yong'],
] as const;

export const secondNames = [
  ...['feng', 'tai', 'long', 'da', 'he', 'sheng', 'yuan', 'tong', 'hai', 'fa', 'cheng', 'ye'],
  ...['lin', 'shan', 'mao', 'ji', 'de', 'xiang', 'yang', 'bo', 'run', 'li'],
] as const;

export const companyKinds: Readonly<Record<(typeof industries)[number], readonly string[]>> = {
  hospitality: ['Hotel', 'Resort', 'Guest House'],
  retail: ['Stores', 'Trading', 'Mart'],
  offices: ['Consulting', 'Software', 'Design'],
  education: ['Academy', 'School', 'College'],
  health: ['Clinic', 'Pharmacy', 'Hospital'],
  catering: ['Tea House', 'Restaurant', 'Kitchen'],
};

/** How customers come, by weight. */
export const channels = [
  ['referral', 24],
  ['web', 20],
  ['telephone', 14],
  ['conference', 11],
  ['advertising', 9],
  ['door-to-door', 7],
  ['walk-in', 6],
  ['direct-mail', 5],
  ['competitor-takeover', 4],
] as const;

export const referralKinds = [
  ['ordinary', 70],
  ['partner', 18],
  ['bellwether', 9],
  ['celebrity', 3],
] as const;

export const competitors = ['Longjing Supply', 'Pacific Brew', 'Teaworks', 'Golden Leaf'] as const;

export const lossReasons = [
  ['price', 30],
  ['no decision', 22],
  ['competitor', 18],
  ['budget withdrawn', 14],
  ['timing', 10],
  ['requirement not met', 6],
] as const;
