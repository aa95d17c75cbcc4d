/* Arrays that grow by one item at a time, each a pointer, a length and a capacity of uint32_t. */
#ifndef GROWING_H
#define GROWING_H

#include <stddef.h>
#include <stdint.h>

/** Make room for one more item at `array[length]`, which may move the array. The arguments are
 *  variables; the array is the caller's to free(). -1, without an exception, when memory is
 *  exhausted; the array is as it was then. */
#define GROWING_ROOM(array, length, capacity)                                                      \
  ((length) < (capacity) ? 0 : growing_double(&(array), &(capacity), sizeof *(array)))

/** GROWING_ROOM of a full array. `array` is the address of a pointer to items of any type. */
int growing_double(void *array, uint32_t *capacity, size_t item_size);

#endif
