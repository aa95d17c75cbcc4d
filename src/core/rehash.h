/* Giving a copied interpreter hashes of its own. */
#ifndef REHASH_H
#define REHASH_H

/** Forget the hashes that strings remember, and note every table that lies by hashes. Until one of
 *  the next two functions has been called, nothing can be found in a dict. -1 with an exception set
 *  when memory is exhausted; then nothing has changed. */
int rehash_prepare(void);
/** In a copy of memory that was prepared: take a new secret for hashes, and set all tables in
 * order. Does nothing in one that was not. -1 with an exception set when a key cannot be hashed. */
int rehash_renew(void);
/** In the memory that was copied: the same without a new secret. */
int rehash_restore(void);

#endif
