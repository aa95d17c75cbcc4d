/* Arrays that grow: see growing.h. */
#include "growing.h"

#include <stdlib.h>
#include <string.h>

int
growing_double(void *array, uint32_t *capacity, size_t item_size)
{
  uint32_t wanted = *capacity ? *capacity * 2 : 16;
  void *items;
  memcpy(&items, array, sizeof items);
  items = realloc(items, wanted * item_size);
  if (items == NULL) {
    return -1;
  }
  memcpy(array, &items, sizeof items);
  *capacity = wanted;
  return 0;
}
