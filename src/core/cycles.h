/* Reference cycles through both heaps: see cycles.c. */
#ifndef CYCLES_H
#define CYCLES_H

/** Have JavaScript told of each full collection of Python's. */
void cycles_init(void);

#endif
