// Included before everything in the build for ThreadSanitizer: the distribution's Protobuf is not
// built for it, and a class of this header has one member more where the compiler says
// __SANITIZE_THREAD__. With that member each map field would be read at the wrong place.
#pragma once

#include <string>  // the standard library goes by the same macro, and is to see it

#undef __SANITIZE_THREAD__
#include <google/protobuf/map_field.h>
#define __SANITIZE_THREAD__ 1
