/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of WordPress' plugins, and its version.php as a file of a layer. */
#include "packages/wordpress/wordpress_header.h"

#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size), field = wordpress_field(text, "Plugin Name");
    ASSERT(!field.n || (field.p >= data && field.p + field.n <= data + size));
    const struct slice paths[] = {SLICE("www/wp-includes/version.php"), SLICE("www/wp-content/plugins/a.php"),
                                  SLICE("www/wp-content/themes/b/style.css")};
    struct evidence_entry files[ARRAY_LEN(paths)];
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        files[i] = (struct evidence_entry){
            .kind = EVIDENCE_FILE, .collector = SLICE("wordpress"), .path = paths[i], .bytes = text, .size = size};
    return fuzz_layer_files(files, ARRAY_LEN(files));
}
