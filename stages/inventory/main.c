/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/sha1_index.h"
#include "inventory/inventory_stage.h"
#include "stage/program.h"

static int configure(const struct settings *s, const void **ret_config, struct err *e)
{
    *ret_config = NULL;
    return sha1_index_use(s->java_index, e);
}

int main(int argc, char **argv)
{
    static const struct program p = {
        &inventory_stage,
        "Says what each image contains: parses the evidence of each layer once, assembles images.\n"
        "Reads images, layers, pulls and layer-contents, writes layer-packages and inventories.",
        configure,
    };
    return program_main(&p, argc, argv);
}
