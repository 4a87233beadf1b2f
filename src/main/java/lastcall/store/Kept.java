package lastcall.store;

/**
 * What a stop leaves in the rows.
 *
 * @param givenBack claims of this owner that are due now
 * @param pending counted after that, claims of other owners included
 */
public record Kept(int givenBack, Pending pending) {}
