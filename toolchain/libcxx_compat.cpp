/* What modules take from the main module's libc++ and that older ones lack.
 *
 * The ABI of the wheels is that of emscripten 4.0.9, whose libc++ has this function inline only.
 * Modules are linked with the one here, so that they load into other runtimes of the ABI too. The
 * hash is the same.
 */

#include <functional>

_LIBCPP_BEGIN_NAMESPACE_STD

size_t
__hash_memory(_LIBCPP_NOESCAPE const void *memory, size_t size) noexcept
{
  return __murmur2_or_cityhash<size_t>()(memory, size);
}

_LIBCPP_END_NAMESPACE_STD
