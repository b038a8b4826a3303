/** Words that products are made of. */

export interface Ware {
  readonly title: string;
  readonly handle: string;
  readonly productType: string;
  readonly category: { readonly id: string; readonly fullName: string } | null;
  /** Yen; other currencies are converted. */
  readonly price: readonly [low: number, high: number];
  readonly weight: { readonly value: number; readonly unit: string } | null;
}

const category = (id: string, fullName: string) => ({ id: `gid://shopify/TaxonomyCategory/${id}`, fullName });
const shirts = category('aa-1-13-7', 'Apparel & Accessories > Clothing > Clothing Tops > Shirts');
const mugs = category('hg-11-10-3', 'Home & Garden > Kitchen & Dining > Tableware > Drinkware > Mugs');
const tea = category('fb-1-14', 'Food, Beverages & Tobacco > Beverages > Tea & Infusions');

const ware = (
  title: string,
  handle: string,
  productType: string,
  categoryOf: Ware['category'],
  price: readonly [number, number],
  grams: number | null,
): Ware => ({
  title,
  handle,
  productType,
  category: categoryOf,
  price,
  weight: grams === null ? null : { value: grams, unit: 'GRAMS' },
});

export const wares: readonly Ware[] = [
  ware('オーガニックコットンTシャツ', 'organic-cotton-tee', 'シャツ', shirts, [2800, 6800], 180),
  ware('Linen Shirt', 'linen-shirt', 'Shirts', shirts, [8800, 16_800], 240),
  ware('湯呑み 「波」', 'yunomi-nami', '食器', mugs, [1800, 4800], 310),
  ware('Enamel Mug', 'enamel-mug', 'Mugs', mugs, [1500, 3200], 205.5),
  ware('深蒸し煎茶 100g', 'fukamushi-sencha', 'お茶', tea, [900, 2400], 120),
  ware('Hōjicha “Night” Blend', 'hojicha-night', 'Tea', tea, [1100, 2600], 95),
  ware('帆布トートバッグ', 'canvas-tote', 'バッグ', null, [3900, 9800], 420),
  ware('Merino Socks 🧦', 'merino-socks', 'Accessories', null, [1200, 2800], 65),
  ware('限定ポスター', 'limited-poster', '', null, [2000, 12_000], null),
  ware('Repair Kit', 'repair-kit', 'Accessories', null, [700, 1900], 75.25),
];

export const adjectives = [
  'Classic',
  '春の',
  'Everyday',
  '限定',
  'Studio',
  '藍染',
  'Small-Batch',
  '復刻版',
  'Light',
];
export const vendors = ['Driftwood & Co.', '波紋', 'Northbound', '株式会社 織', 'Übung'];

export const sizes = ['XS', 'S', 'M', 'L', 'XL'];
export const colours = ['生成り', 'Navy', '藍', 'Black', 'Olive', '朱', 'White', 'Grey', '桜', 'Mustard'];
export const fits = ['Regular', 'Slim', 'ゆったり', 'Tall', 'Petite'];

export const productTagSets: readonly (readonly string[])[] = [
  [],
  ['new'],
  ['セール', 'summer'],
  ['gift 🎁'],
  ['bestseller', 'organic', 'new'],
];

export const descriptions = [
  '',
  '<p>職人が一つひとつ手作業で仕上げました。</p>',
  '<p>Washed once, soft for ever.</p><ul><li>Made in Ōsaka</li></ul>',
  '<p>Back in stock ✨ &amp; better than before.</p>',
];

export const customLines = ['ギフトラッピング', 'Engraving', 'Rush handling', '配送料調整'];

export const discountCodes = ['WELCOME10', '夏セール', 'FRIENDS-15'];
export const orderNotes = [
  '玄関前に置いてください',
  'Please gift wrap 🎀',
  '領収書希望',
  'Leave with neighbour',
];
export const orderTagSets: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ['gift'],
  ['要確認', 'B2B'],
  ['express'],
];
export const refundNotes = ['サイズ違い', 'Damaged in transit', 'Customer changed their mind', null];
export const cancelReasons = ['CUSTOMER', 'INVENTORY', 'FRAUD', 'DECLINED', 'OTHER'];
export const sources = ['web', 'web', 'web', 'web', 'pos', 'shopify_draft_order', 'import', '580111'];
