#include <stddef.h>

/* Write the mean of each item and its neighbours. */
void blur_row(const unsigned char *from, unsigned char *to, size_t length);
