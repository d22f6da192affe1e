type Place = { key: string; offset: number }

const places = new Map<string, Place>()

/** Where the reader was in a channel: a row at the top and how far it is scrolled out. Null = at the newest. */
export function rememberPlace(name: string, place: Place | null): void {
  if (place) places.set(name, place)
  else places.delete(name)
}

export const rememberedPlace = (name: string): Place | null => places.get(name) ?? null
