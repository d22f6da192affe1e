import { inject } from 'vitest'

/** The product that the global set-up started. */
export const product = inject('product')
