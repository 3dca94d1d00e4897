/** What claims on either database have in common. */

/** Why an event was given up when no fault was ever told: its way just never came to an end. */
export const GIVEN_UP = 'cut off each time before the end of its way, without a fault'
