#include "kernel.h"

#include <math.h>

void
blur_row(const unsigned char *from, unsigned char *to, size_t length)
{
  for (size_t i = 0; i < length; i++) {
    double sum = from[i], count = 1;
    if (i > 0) {
      sum += from[i - 1];
      count++;
    }
    if (i + 1 < length) {
      sum += from[i + 1];
      count++;
    }
    to[i] = (unsigned char)lround(sum / count);
  }
}
