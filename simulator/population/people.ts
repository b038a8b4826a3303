/** Names and places that customers are made of. Short lists: what matters is their kinds, not their number. */

export interface Name {
  readonly given: string;
  readonly family: string;
  /** For the e-mail address. */
  readonly latin: string;
}

export interface Place {
  readonly city: string;
  readonly province: string;
  readonly provinceCode: string;
  readonly country: string;
  readonly countryCodeV2: string;
  /** `#` stands for a digit. */
  readonly zip: string;
  readonly streets: readonly string[];
}

const japaneseGiven: readonly (readonly [string, string])[] = [
  ['陽菜', 'hina'],
  ['結衣', 'yui'],
  ['さくら', 'sakura'],
  ['美咲', 'misaki'],
  ['蓮', 'ren'],
  ['大翔', 'hiroto'],
  ['悠真', 'yuma'],
  ['健一', 'kenichi'],
  ['直子', 'naoko'],
  ['ひろみ', 'hiromi'],
  ['颯太', 'sota'],
  ['凛', 'rin'],
];

const japaneseFamily: readonly (readonly [string, string])[] = [
  ['佐藤', 'sato'],
  ['鈴木', 'suzuki'],
  ['高橋', 'takahashi'],
  ['田中', 'tanaka'],
  ['渡辺', 'watanabe'],
  ['伊藤', 'ito'],
  ['髙木', 'takagi'],
  ['齋藤', 'saito'],
  ['𠮷田', 'yoshida'],
  ['小林', 'kobayashi'],
  ['五十嵐', 'igarashi'],
  ['長谷川', 'hasegawa'],
];

const englishGiven = ['Ada', 'Noah', 'Olivia', 'Liam', 'Zoë', 'Mary-Jane', 'Théo', 'Siobhán', 'Max', 'Ruth'];
const englishFamily = [
  'Smith',
  "O'Brien",
  'García',
  'van der Berg',
  'Nguyễn',
  'Brown',
  'Müller',
  'Li',
  'Okafor',
];

const latin = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();

const combine = <A, B, C>(left: readonly A[], right: readonly B[], join: (a: A, b: B) => C): C[] =>
  left.flatMap((a) => right.map((b) => join(a, b)));

export const japaneseNames: readonly Name[] = combine(japaneseGiven, japaneseFamily, (given, family) => ({
  given: given[0],
  family: family[0],
  latin: `${given[1]}.${family[1]}`,
}));

export const englishNames: readonly Name[] = combine(englishGiven, englishFamily, (given, family) => ({
  given,
  family,
  latin: `${latin(given)}.${latin(family)}`,
}));

const place = (
  city: string,
  province: string,
  provinceCode: string,
  zip: string,
  streets: string,
): Place => ({
  city,
  province,
  provinceCode,
  zip,
  streets: streets.split('|'),
  ...(provinceCode.startsWith('JP')
    ? { country: 'Japan', countryCodeV2: 'JP' }
    : { country: 'United States', countryCodeV2: 'US' }),
});

export const japanesePlaces: readonly Place[] = [
  place('渋谷区', 'Tōkyō', 'JP-13', '150-00##', '神宮前|恵比寿南|代々木'),
  place('横浜市西区', 'Kanagawa', 'JP-14', '220-00##', 'みなとみらい|北幸'),
  place('大阪市北区', 'Ōsaka', 'JP-27', '530-00##', '梅田|中之島|天神橋'),
  place('京都市中京区', 'Kyōto', 'JP-26', '604-80##', '河原町通|烏丸通'),
  place('札幌市中央区', 'Hokkaidō', 'JP-01', '060-00##', '大通西|南一条西'),
  place('那覇市', 'Okinawa', 'JP-47', '900-00##', '牧志|久茂地'),
];

export const americanPlaces: readonly Place[] = [
  place('Portland', 'Oregon', 'OR', '972##', 'Burnside St|Hawthorne Blvd'),
  place('Brooklyn', 'New York', 'NY', '112##', 'Bedford Ave|Court St'),
  place('Honolulu', 'Hawaii', 'HI', '968##', 'Kalākaua Ave|King St'),
  place('Austin', 'Texas', 'TX', '787##', 'Congress Ave|E 6th St'),
];

export const companies = [
  '株式会社あおぞら',
  '合同会社ミドリ',
  'Acorn & Sons',
  'Blue Heron LLC',
  '（有）川口商店',
];

export const customerNotes = [
  'ギフト包装を希望 🎁',
  'VIP — call before delivery',
  '置き配OK',
  'Allergic to wool 🐑',
  'Line one\nLine two, with "quotes" and a comma',
];

export const customerTagSets: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ['VIP'],
  ['newsletter'],
  ['卸売', 'VIP'],
  ['birthday-march 🎂', 'newsletter'],
  ['wholesale', 'net-30', 'priority'],
];
