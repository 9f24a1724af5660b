import { checkUsername, foldUsername, skeletonOf } from './username.ts';

/** Given names of many countries; "Karl" and "Kari" would be look-alikes by design (l and i), so one of such pairs is here. */
const commonNames =
  `james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph
  jessica thomas sarah charles karen christopher lisa daniel nancy matthew betty anthony margaret mark sandra donald ashley
  steven kimberly paul emily andrew donna joshua michelle kenneth carol kevin amanda brian melissa george deborah timothy
  stephanie ronald rebecca edward sharon jason laura jeffrey cynthia ryan kathleen jacob amy gary angela nicholas shirley eric
  anna jonathan brenda stephen pamela larry emma justin nicole scott helen brandon samantha benjamin katherine samuel christine
  gregory debra frank rachel alexander carolyn raymond janet patrick catherine jack maria dennis heather jerry diane tyler ruth
  aaron julie jose olivia adam joyce nathan virginia henry victoria douglas kelly zachary lauren peter christina kyle joan
  walter evelyn ethan judith jeremy megan harold andrea keith cheryl christian hannah roger jacqueline noah martha terry gloria
  carl teresa gerald ann sean sara arthur madison austin frances noel kathryn lawrence janice jesse jean dylan alice bryan abigail
  joe sophia jordan judy billy grace bruce denise albert amber willie doris gabriel marilyn logan danielle alan beverly juan
  isabella wayne theresa roy diana ralph natalie randy brittany eugene charlotte vincent marie russell kayla elijah alexis louis
  lori bobby philip harriet priya yusuf`.split(/\s+/);

const messages = (name: string): string[] => checkUsername(name).map(({ message }) => message);

test.each([
  'bob',
  'Bob',
  'anna-maria',
  'j.r.smith',
  'x_y_z',
  'user42',
  'José',
  'Jose\u0301',
  'Łukasz',
  'ısıl',
  'Алёна',
  'Γιώργος',
  'אברהם',
  'محمد',
  'नमस्ते',
  'สมชาย',
  'น้ำฝน',
  '山田太郎',
  'さくら',
  'サクラ組',
  '김철수',
  '王小明',
  'a'.repeat(30),
  'Straße',
])('%j is a good username', (name) => {
  expect(messages(name)).toEqual([]);
});

test.each([
  ['', 'characters'],
  ['ab', '3 to 30'],
  ['a'.repeat(31), '3 to 30'],
  ['.bob', 'stand alone'],
  ['bob-', 'stand alone'],
  ['bo__b', 'stand alone'],
  ['bo.-b', 'stand alone'],
  ['bob smith', 'spaces'],
  ['bob\u0000', 'control'],
  ['bob\n', 'control'],
  ['bo\u200bb', 'invisible'],
  ['bo\u00adb', 'invisible'],
  ['bo\u202eb', 'invisible'],
  ['\u2066bob\u2069', 'invisible'],
  ['bo\u3164b', 'invisible'],
  ['bob\ufe0f', 'invisible'],
  ['bob\ud800', 'invisible'],
  ['b@b', 'letters, digits'],
  ['<b>bob</b>', 'letters, digits'],
  ["bob'--", 'letters, digits'],
  ['bob🎉', 'letters, digits'],
  ['12345', 'at least one letter'],
  ['z\u0337\u0338\u0334algo', 'heaps of marks'],
  ['pаypal', 'one alphabet'],
  ['ρaul', 'one alphabet'],
  ['bob太郎', 'one alphabet'],
  ['bob٣٤', 'one alphabet'],
  ['ａｄａ', 'plain letters'],
  ['𝒃𝒐𝒃', 'plain letters'],
  ['ﬁona', 'plain letters'],
])('%j is refused: %s', (name, reason) => {
  expect(messages(name).join(' ')).toContain(reason);
  expect(checkUsername(name)[0]).toMatchObject({ field: ['username'], code: 'BAD_USER_INPUT' });
});

test.each([
  'admin',
  'Admin',
  'ADMIN',
  'root',
  'support',
  'api',
  'null',
  'undefined',
  'constructor',
  'adm1n',
  'r00t',
  'a-d-m-i-n',
  'аԁміп',
  'modеrator',
  'adrnin',
  'supp0rt',
  'no-reply',
  'n.u.l.l',
])('%j speaks for the site and is refused', (name) => {
  expect(messages(name)).not.toEqual([]);
});

test.each([
  ['paypal', 'pаypal'],
  ['admin', 'аdmin'],
  ['Bob', 'bob'],
  ['modern', 'modem'],
  ['lucy', '1ucy'],
  ['lucy', 'Iucy'],
  ['lucy', '|ucy'],
  ['otto', '0tt0'],
  ['wanda', 'vvanda'],
  ['isil', 'ısıl'],
  ['anna-maria', 'anna.maria'],
  ['annamaria', 'anna_maria'],
  ['scope', 'ѕсоре'],
  ['Boris', 'Воris'],
  ['nova', 'noνa'],
  ['bob', 'ｂｏｂ'],
  ['bob', 'b\u200bob'],
  ['jose\u0301', 'josé'],
  ['strasse', 'straße'],
  ['ΣΑΣ', 'σας'],
])('%j and %j look alike', (one, other) => {
  expect(skeletonOf(one)).toBe(skeletonOf(other));
});

test.each([
  ['bob', 'rob'],
  ['anna', 'hanna'],
  ['josé', 'jose'],
  ['maria', 'mario'],
  ['алёна', 'елена'],
  ['山田', '山本'],
  ['dan', 'clan'],
])('%j and %j do not', (one, other) => {
  expect(skeletonOf(one)).not.toBe(skeletonOf(other));
});

test('two hundred common names stay apart', () => {
  expect(commonNames.length).toBeGreaterThanOrEqual(200);
  expect(new Set(commonNames).size).toBe(commonNames.length);
  expect(new Set(commonNames.map(skeletonOf)).size).toBe(commonNames.length);
  expect(commonNames.flatMap(checkUsername)).toEqual([]);
});

test('folding and skeletons are the same the second time, for every letter there is', () => {
  const unstable: string[] = [];
  for (let point = 0; point < 0x20000; point += 1) {
    for (const name of [String.fromCodePoint(point), `rv${String.fromCodePoint(point)}nv`]) {
      const folded = foldUsername(name);
      const skeleton = skeletonOf(name);
      if (foldUsername(folded) !== folded || skeletonOf(skeleton) !== skeleton) unstable.push(point.toString(16));
    }
  }
  expect(unstable).toEqual([]);
});

test('names that fold alike look alike', () => {
  for (const name of commonNames) expect(skeletonOf(name.toUpperCase())).toBe(skeletonOf(name));
});
