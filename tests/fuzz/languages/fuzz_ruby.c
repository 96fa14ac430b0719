/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications of gems, RubyGems, rbconfig.rb. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"a/specifications/x-1.gemspec", "a/bundler/gems/x-0123456789ab/x.gemspec",
                                        "lib/ruby/3.1.0/rubygems.rb", "lib/rbconfig.rb"};
    return fuzz_reduced_files(paths, ARRAY_LEN(paths), data, size);
}
