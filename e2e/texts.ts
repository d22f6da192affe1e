import { createTranslator } from 'use-intl/core'
import messages from '@/locales/en.json'

/** The words a person sees: specs find controls by them, so a text that changes changes in one place. */
export const t = createTranslator({ locale: 'en', messages })
