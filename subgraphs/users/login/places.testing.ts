/** A lookup as an operator would set one up: by the third number of the address. */
export function placeOf(address: string) {
  if (address.startsWith('198.51.81.')) return { country: 'JP', city: 'Tokyo', latitude: 35.7, longitude: 139.7 };
  if (address.startsWith('198.51.99.')) throw new Error('the database is broken');
  return address.startsWith('192.0.2.') ? { country: 'PT', city: 'Lisbon', latitude: 38.7, longitude: -9.1 } : null;
}
