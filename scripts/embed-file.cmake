# SPDX-License-Identifier: Apache-2.0
# Writes OUT: the file IN as `const unsigned char NAME[]`, its length as `const size_t NAME_n`.
file(READ ${IN} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR length "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "/* Made by scripts/embed-file.cmake. */\n#include <stddef.h>\nextern const unsigned char ${NAME}[];\nextern const size_t ${NAME}_n;\nconst unsigned char ${NAME}[] = {${bytes}0};\nconst size_t ${NAME}_n = ${length};\n")
