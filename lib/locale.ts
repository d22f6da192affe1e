/** Language of the texts and form of dates and times: 10:42, 12 Mar. */
export const LOCALE = 'en-GB'
