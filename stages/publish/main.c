/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/publish_stage.h"
#include "stage/program.h"

int main(int argc, char **argv)
{
    static const struct program p = {
        &publish_stage,
        "Tells people: recommendations for images and running containers, alerts when something appears, changes or "
        "is\n"
        "resolved, and a read-only API (--http HOST:PORT, /api/v1). Reads images, workloads, inventories, findings "
        "and\n"
        "vulnerabilities, writes recommendations and alerts.",
        NULL,
    };
    return program_main(&p, argc, argv);
}
