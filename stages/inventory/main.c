/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/inventory_stage.h"
#include "stage/program.h"

int main(int argc, char **argv)
{
    static const struct program p = {
        &inventory_stage,
        "Says what each image contains: parses the evidence of each layer once, assembles images.\n"
        "Reads images, layers, pulls and layer-contents, writes layer-packages and inventories.",
        NULL,
    };
    return program_main(&p, argc, argv);
}
