/**
 * How a worker divides the time of its function. A message that is handed back untried has used up a
 * receive all the same: too many such, and it is given up although nobody tried. So each try ends in
 * time for the next one (`tryMs` of the queue's row), and a test holds the sum of a batch.
 */

/**
 * From a message's deadline on, no call starts. This is for the store call under way at that moment,
 * and then for hiding or burying the message, each with all the tries of its client.
 */
export const closingMs = 4_500;

/** Time that a message needs at least. With less left it is handed back. */
export const marginMs = closingMs + 1_500;
