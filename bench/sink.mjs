/** Everything that measured loops produce ends here, so that no engine may drop the loop's body. */
export const sink = { value: undefined };
