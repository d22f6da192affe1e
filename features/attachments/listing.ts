import { useState } from 'react'
import { localKey } from '@/lib/local-data'

/** How files are listed. */
export type Listing = 'grid' | 'list'

/** How this person listed files the last time on this device, and a way to change it. */
export function useListing(me: string): [Listing, (next: Listing) => void] {
  const key = localKey(me, 'file-listing')
  const [listing, setListing] = useState<Listing>(() => (read(key) === 'list' ? 'list' : 'grid'))
  return [
    listing,
    (next) => {
      setListing(next)
      try {
        localStorage.setItem(key, next)
      } catch {
        // Without a store it lasts as long as the pane.
      }
    },
  ]
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
