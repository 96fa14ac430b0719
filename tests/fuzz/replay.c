/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c: runs a fuzz target over every file of the folders given, every prefix of the small ones included. */
#include "base/base.h"

#include <dirent.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path)
{
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st) || !S_ISREG(st.st_mode))
        return;
    size_t n = (size_t)st.st_size;
    uint8_t *p = xmalloc(n);
    n = fread(p, 1, n, f);
    for (size_t cut = n <= 4096 ? 0 : n; cut <= n; cut++) {
        /* An exact-size copy lets AddressSanitizer see reads past the end. */
        uint8_t *copy = xmemdup(p, cut);
        LLVMFuzzerTestOneInput(copy, cut);
        free(copy);
    }
    free(p);
}

int main(int argc, char **argv)
{
    size_t files = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        DIR *d = opendir(argv[i]);
        struct dirent *e;
        while (d && (e = readdir(d))) {
            char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s", argv[i], e->d_name);
            replay_file(path);
            files++;
        }
        if (d)
            closedir(d);
    }
    if (argc > 1 && files < 3) {
        fprintf(stderr, "%s: no corpus in %s\n", argv[0], argv[1]);
        return 1;
    }
    return 0;
}
